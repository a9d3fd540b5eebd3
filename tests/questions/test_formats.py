import re
from itertools import pairwise, permutations, product
from math import factorial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions import formats
from tests.questions.factories import make_version

pytestmark = pytest.mark.django_db
ALL = [format.name for format in formats.all()]
CLOSED = [format.name for format in formats.all() if format.is_closed]
any_answer = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def keys(version, *texts):
    by_text = {option.text: str(option.pk) for option in version.options.all()}
    return [by_text[text] for text in texts]


def score(version, answer):
    return version.question_format.score(version, version.question_format.clean(version, answer)).score


def render(version, answer=(), errors=(), readonly=False, template="template"):
    format = version.question_format
    context = {
        "version": version,
        "format": format,
        "options": format.presented(version, 7, answer),
        "answer": list(answer),
        "position": 3,
        "errors": errors,
        "readonly": readonly,
        **format.draft_context(version, answer),
    }
    return render_to_string(getattr(format, template), context)


def test_the_six_formats_are_there():
    assert set(ALL) >= {"single_choice", "multiple_choice", "numeric", "ordering", "free_text", "staged"}


def test_no_other_file_lists_the_formats():
    """Two formats named in one file are a list: what differs between them belongs to their modules."""
    root = Path(__file__).parents[2]
    own = [root / "questions" / "formats", root / "templates" / "questions" / "formats", root / "questions" / "catalog"]
    # A name that is also an everyday word counts where it is written as a value.
    named = re.compile("|".join(rf"\b{name}\b" if "_" in name else rf"(?<=[\"'=]){name}(?=[\"'\]])" for name in ALL))
    listing = {
        str(path.relative_to(root)): found
        for folder in ("config", "accounts", "questions", "interviews", "templates", "static/js", "static/css")
        for path in (root / folder).rglob("*")
        if path.suffix in (".py", ".html", ".js", ".css", ".svg") and not any(place in path.parents for place in own)
        if len(found := set(named.findall(path.read_text()))) > 1
    }
    assert listing == {}


# All formats


@pytest.mark.parametrize("version", ALL, indirect=True)
@pytest.mark.parametrize("answer", [[], [""], ["", ""]])
def test_blank_answer_is_no_error(version, answer):
    format = version.question_format
    if len(answer) > 1 and version.format in ("numeric", "free_text", "sql", "code"):
        return
    assert format.is_blank(format.clean(version, answer) or [])


@pytest.mark.parametrize("version", ALL, indirect=True)
@any_answer
@given(answer=st.lists(st.text(max_size=12), max_size=5))
def test_any_posted_answer_is_kept_or_refused(version, answer):
    format = version.question_format
    try:
        cleaned = format.clean(version, answer)
    except ValidationError:
        return
    assert format.clean(version, cleaned) == cleaned
    assert isinstance(format.doubt(version, cleaned), str)
    assert render(version, cleaned)
    if format.is_closed:
        assert 0.0 <= format.score(version, cleaned).score <= 1.0


@pytest.mark.parametrize("version", CLOSED, indirect=True)
@any_answer
@given(data=st.data())
def test_score_of_any_valid_answer_is_between_0_and_1(version, data):
    options = [str(option.pk) for option in version.options.all()]
    possible = {
        "single_choice": st.lists(st.sampled_from(options or [""]), max_size=1),
        "multiple_choice": st.lists(st.sampled_from(options or [""]), unique=True),
        "ordering": st.permutations(options),
        "numeric": st.floats(-1e6, 1e6).map(lambda number: [f"{number:.4f}"]),
        "sql": st.sampled_from([["SELECT 1"], ["SELECT 'x', NULL"], ["SELECT"], ["SELECT surface FROM views"]]),
    }
    answer = data.draw(possible[version.format])
    scored = version.question_format.score(version, version.question_format.clean(version, answer))
    assert 0.0 <= scored.score <= 1.0


@pytest.mark.parametrize("version", CLOSED, indirect=True)
def test_blank_answer_scores_nothing(version):
    assert score(version, []) == 0.0


@pytest.mark.parametrize("version", ["free_text", "staged"], indirect=True)
def test_text_over_50_000_characters_is_refused(version):
    parts = len(version.stages) or 1
    answer = ["x" * (50_000 // parts)] * parts
    assert version.question_format.clean(version, answer) == answer
    answer[-1] += "x"
    with pytest.raises(ValidationError, match="50,000 characters"):
        version.question_format.clean(version, answer)


@pytest.mark.parametrize("version", ALL, indirect=True)
def test_widget_works_without_scripts_and_inline_styles(version):
    html = render(version, errors=["Something is wrong."])
    assert 'name="answer"' in html
    assert "Something is wrong." in html
    assert not re.search(r"<script|style=|\son\w+=", html)


@pytest.mark.parametrize("version", ALL, indirect=True)
def test_ids_in_a_widget_are_unique_and_carry_the_position(version):
    ids = re.findall(r'\sid="([^"]+)"', render(version, errors=["Wrong."]))
    assert len(ids) == len(set(ids))
    assert all("-3" in identifier for identifier in ids)


@pytest.mark.parametrize("version", ALL, indirect=True)
def test_nothing_of_the_right_answer_is_in_the_widget(version):
    html = render(version)
    assert "So it is." not in html
    assert "22.2" not in html.replace("22.2 % and 0.222", "")
    assert "Because." not in html
    assert "secret_total" not in html


@pytest.mark.parametrize("version", ["free_text", "staged", "sql", "code"], indirect=True)
def test_own_text_is_escaped_in_widget_and_result(version):
    answer = ["<script>alert(1)</script>"] * (len(version.stages) or 1)
    for template in ("template", "result_template"):
        html = render(version, answer, template=template)
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


# Choices


@pytest.mark.parametrize("version", ["single_choice"], indirect=True)
def test_single_choice_is_right_or_wrong(version):
    assert score(version, keys(version, "right")) == 1.0
    assert score(version, keys(version, "wrong")) == 0.0
    assert version.chance == 0.25


@pytest.mark.parametrize("version", ["single_choice"], indirect=True)
def test_two_options_in_a_single_choice_are_refused(version):
    with pytest.raises(ValidationError, match="one option"):
        version.question_format.clean(version, keys(version, "right", "wrong"))


@pytest.mark.parametrize("version", ["multiple_choice"], indirect=True)
@pytest.mark.parametrize(
    ("picked", "expected"),
    [
        (["right", "right too"], 1.0),
        (["right"], 0.5),
        (["right", "right too", "wrong"], 0.5),
        (["right", "wrong"], 0.0),
        (["wrong", "also wrong"], 0.0),  # not below 0
        (["right", "right too", "wrong", "also wrong"], 0.0),
    ],
)
def test_multiple_choice_counts_right_minus_wrong_over_the_right_ones(version, picked, expected):
    assert score(version, keys(version, *picked)) == expected


@pytest.mark.parametrize("version", ["multiple_choice"], indirect=True)
def test_evidence_names_what_was_picked_missed_and_wrong(version):
    evidence = version.question_format.score(version, keys(version, "right", "wrong")).evidence
    assert evidence["picked"] == [int(key) for key in keys(version, "right", "wrong")]
    assert evidence["wrong"] == [int(key) for key in keys(version, "wrong")]
    assert evidence["missed"] == [int(key) for key in keys(version, "right too")]


@pytest.mark.parametrize("version", ["single_choice", "multiple_choice", "ordering"], indirect=True)
def test_option_of_another_question_is_refused(version):
    foreign = make_version(slug="another", format=version.format)
    with pytest.raises(ValidationError):
        version.question_format.clean(version, [str(option.pk) for option in foreign.options.all()][:1])


@pytest.mark.parametrize("version", ["single_choice", "multiple_choice"], indirect=True)
def test_order_of_options_repeats_for_a_seed_and_differs_between_seeds(version):
    present = version.question_format.presented
    assert present(version, 1) == present(version, 1)
    assert len({tuple(present(version, seed)) for seed in range(50)}) > 5


@pytest.mark.parametrize("version", ["single_choice", "multiple_choice"], indirect=True)
def test_result_says_in_words_what_was_right(version):
    html = render(version, keys(version, "right"), template="result_template")
    assert "Chosen: correct" in html
    assert "So it is." in html
    assert html.count("is-picked") == 1


@pytest.mark.parametrize("version", ["single_choice"], indirect=True)
def test_held_answer_is_checked_in_the_widget(version):
    (key,) = keys(version, "wrong")
    assert f'value="{key}" checked' in render(version, [key])
    assert render(version, [key]).count("checked") == 1


# Texts


@pytest.mark.parametrize("version", ["staged"], indirect=True)
def test_wrong_number_of_stages_is_refused(version):
    with pytest.raises(ValidationError, match="2 parts"):
        version.question_format.clean(version, ["one"])


@pytest.mark.parametrize("version", ["free_text", "sql", "code"], indirect=True)
def test_two_texts_are_refused(version):
    with pytest.raises(ValidationError, match="one text"):
        version.question_format.clean(version, ["one", "two"])


@pytest.mark.parametrize("version", ["free_text"], indirect=True)
def test_lines_end_as_the_page_counts_them(version):
    assert version.question_format.clean(version, ["a\r\nb\0"]) == ["a\nb"]


@pytest.mark.parametrize(
    ("count", "right", "published"), [(5, 2, 0.1094), (5, 3, 0.2396), (6, 3, 0.1563), (4, 2, 0.1875), (7, 4, 0.1992)]
)
def test_chance_of_a_multiple_choice_is_the_mean_over_all_ways_to_tick(count, right, published):
    ticked = product([0, 1], repeat=count)
    scores = [max(0, sum(ticks[:right]) - sum(ticks[right:])) / right for ticks in ticked]
    chance = formats.get("multiple_choice").chance(count, right)
    assert chance == pytest.approx(sum(scores) / len(scores)) == pytest.approx(published, abs=0.00005)


@pytest.mark.parametrize("count", range(3, 9))
def test_chance_of_an_ordering_is_what_a_random_order_scores(count):
    """By all n! orders: the share of neighbours kept is 1/n."""
    steps = range(count)
    kept = sum(len(set(pairwise(steps)) & set(pairwise(order))) for order in permutations(steps))
    assert formats.get("ordering").chance(count) == pytest.approx(kept / (count - 1) / factorial(count)) == 1 / count


def test_open_formats_leave_nothing_to_chance():
    for name in ("free_text", "staged", "code"):
        assert formats.get(name).chance(0) == 0.0


@pytest.mark.django_db
def test_points_of_a_design_belong_to_its_stages():
    stages = [{"name": name, "minutes": 5, "asks": "?", "points": points} for name, points in (("A", 1), ("B", 2))]
    version = make_version(format="staged", limit_seconds=600, stages=stages)
    assert version.stages_of_points == ["A", "B", "B"]
    entry = {"stages": stages, "limit_seconds": 600, "rubric": [{}, {}, {}]}
    assert list(version.question_format.faults(entry)) == []
    assert [name for name, _ in version.question_format.faults(entry | {"rubric": [{}, {}]})] == ["stages"]
