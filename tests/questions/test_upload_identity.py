"""Which question of the bank an uploaded one is, and what its curator makes of that."""

import pytest
from django.urls import reverse

from questions.models import Question
from tests.questions.factories import make_version
from tests.questions.test_exchange import ENTRY
from tests.questions.test_exchange_cases import CASES
from tests.questions.uploading import LOAD, load, posted, steps, upload

pytestmark = pytest.mark.django_db

TITLE = "::Question title::"


def test_same_title_in_another_file_by_another_teacher_is_a_new_question(desk):
    for name in ("02a-same-names.xml", "02b-same-names-another-teacher.xml"):
        load(desk, upload(desk, (CASES / name).read_bytes(), name))
    questions = Question.objects.order_by("pk").values_list(
        "slug", "imported_from", "versions__format", "versions__number"
    )
    assert list(questions) == [
        ("question-title", "02a-same-names.xml", "single_choice", 1),
        ("question-title-2", "02b-same-names-another-teacher.xml", "single_choice", 1),
    ]
    again = upload(
        desk, (CASES / "02b-same-names-another-teacher.xml").read_bytes(), "02b-same-names-another-teacher.xml"
    )
    assert steps(again) == {"question-title": "unchanged"}


@pytest.mark.parametrize(
    ("second", "name", "kind"),
    [
        ("Which metric is for ranking? {=NDCG ~Gini}", "b.gift", "new version"),  # another file, but alike
        ("Dropout is on at test time. {=no ~yes}", "b.gift", "new"),
        ("Dropout is on at test time. {=no ~yes}", "a.gift", "new version"),  # rewritten in its own file
        ("Which is a metric for ranking? {#2}", "a.gift", "new version"),
        ("How many folds are there? {#2}", "a.gift", "new"),
        ("Which is a metric for ranking? {=NDCG ~Gini}", "a.gift", "unchanged"),
        ("Which is a metric for ranking? {=NDCG ~Gini}", "b.gift", "unchanged"),
    ],
)
def test_identity_is_never_a_title_alone(desk, second, name, kind):
    load(desk, upload(desk, f"{TITLE}Which is a metric for ranking? {{=NDCG ~Gini}}", "a.gift"))
    preview = upload(desk, TITLE + second, name)
    assert steps(preview) == {"question-title": kind}
    load(desk, preview)
    assert Question.objects.count() == (2 if kind == "new" else 1)


def test_same_id_is_the_same_question_in_whatever_file(desk):
    load(desk, upload(desk, "// [id:Q_17]\n::Old:: Which is a metric? {=NDCG ~Gini}", "a.gift"))
    assert Question.objects.get().slug == "q-17"
    preview = upload(desk, "// [id:Q_17]\n::New:: And what else? {=MRR ~Gini}", "b.gift")
    assert steps(preview) == {"q-17": "new version"}


def test_curator_chooses_new_version_of_another_or_skip(desk):
    make_version(slug="other")
    preview = upload(desk, "::a:: One? {T}\n\n::b:: Two? {F}\n\n::c:: Three? {T}", "a.gift")
    load(desk, preview, **{"choice-1": "version", "of-1": "other", "choice-2": "skip"})
    assert set(Question.objects.values_list("slug", "versions__number")) == {("other", 1), ("other", 2), ("c", 1)}
    assert Question.objects.get(slug="other").imported_as == "name:a"


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({"choice-1": "version", "of-1": "nobody"}, "There is no question “nobody”."),
        ({"choice-1": "version", "of-1": ""}, "Which question?"),
        (
            {"choice-1": "version", "of-1": "other", "choice-2": "version", "of-2": "other"},
            "Another question in this file",
        ),
        ({"choice-1": "eat"}, "Select a valid choice"),
        ({"seen": "\0"}, "have changed since you looked"),
        ({"page": "\0"}, None),
        ({"of-1": "\0", "choice-1": "version"}, "Null characters"),
    ],
)
def test_wrong_choices_are_refused_beside_their_question(desk, choices, why):
    make_version(slug="other")
    response = load(desk, upload(desk, "::a:: One? {T}\n\n::b:: Two? {F}"), **choices)
    if why:
        assert response.status_code in (409, 422)
        assert why in response.content.decode()
    assert Question.objects.count() == (1 if why else 3)


def test_choices_of_every_page_are_kept_until_all_are_loaded(desk):
    preview = upload(desk, "".join(f"::q{place}:: Is {place} even? {{T}}\n\n" for place in range(120)))
    assert len(preview.context["rows"]) == 50
    url = reverse(LOAD, args=[preview.context["upload"].public_id])
    kept = desk.post(url, posted(preview) | {"choice-1": "skip", "keep": "yes"})
    assert kept.url.endswith("?page=2")
    second = desk.get(kept.url)
    assert second.context["rows"][0][0].question.place == 51
    response = load(desk, second, **{"choice-51": "skip"})
    assert "Loaded: 118 new" in response.content.decode()
    assert not Question.objects.filter(slug__in=["q0", "q50"]).exists()


@pytest.mark.parametrize("count", [2, 40])
def test_query_count_of_the_preview_is_constant(desk, django_assert_max_num_queries, count):
    source = "".join(ENTRY.format(slug=f"q{place}", topic="coding") for place in range(count))
    load(desk, upload(desk, source, "q.yaml"))
    preview = upload(desk, source.replace("Which?", "Which one?"), "q.yaml")
    assert set(steps(preview).values()) == {"new version"}
    with django_assert_max_num_queries(18):
        desk.get(preview.request["PATH_INFO"])


def test_question_whose_target_was_deleted_meanwhile_becomes_a_new_one(desk):
    Question.objects.create(slug="a")
    preview = upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml")
    assert steps(preview) == {"a": "new version"}
    Question.objects.all().delete()
    again = desk.get(preview.request["PATH_INFO"])
    assert steps(again) == {"a": "new"}
    load(desk, again, **{"choice-1": "new"})
    assert Question.objects.get().versions.count() == 1
