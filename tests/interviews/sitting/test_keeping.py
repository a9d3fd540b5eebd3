"""What an answer keeps, what replaces it, and how much of it may be kept."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from config import limits
from interviews.sitting.models import AnswerRevision, Interview, Outcome, Written
from interviews.sitting.models import answer as budgets
from interviews.sitting.models import question as question_rules
from tests.factories import NOON, make_candidate, make_interview, question_of, write

pytestmark = pytest.mark.django_db


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


def take_over(interview: Interview, *, now=NOON) -> None:
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.take_lease()


def send(interview: Interview, text: str, *, rev: int, base: int | None, lease=None, now=NOON, act="save_answer"):
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        written = Written([text], rev, locked.lease if lease is None else lease, base=base)
        return getattr(locked, act)(1, written, now=now)


def kinds(interview: Interview) -> list[tuple[str, str]]:
    revisions = AnswerRevision.objects.filter(question__interview=interview)
    return [(revision.kind, revision.answer[0]) for revision in revisions]


# --- what replaces what -------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["save_answer", "submit_answer", "skip"])
@pytest.mark.parametrize("rev", [26, 66, 5000])
def test_a_text_that_grew_from_an_older_one_replaces_nothing_however_many_keys_it_took(act, rev):
    interview = make_interview()
    send(interview, "both saw this", rev=3, base=0)
    take_over(interview)
    send(interview, "the phone's", rev=54, base=3)
    take_over(interview)
    assert send(interview, "the laptop's", rev=rev, base=3, act=act) is Outcome.ELSEWHERE
    assert question_of(interview, 1).answer == ["the phone's"]
    assert question_of(interview, 1).is_open
    assert kinds(interview)[-1] == ("side", "the laptop's")


def test_a_page_whose_replies_are_lost_goes_on_from_its_own_text():
    interview = make_interview()
    for rev in (1, 5, 9):
        assert send(interview, f"text {rev}", rev=rev, base=0) is Outcome.SAVED
    assert send(interview, "text 7, late", rev=7, base=0) is Outcome.HELD
    assert question_of(interview, 1).answer == ["text 9"]


def test_the_same_words_are_no_conflict():
    interview = make_interview()
    send(interview, "the same", rev=3, base=0)
    take_over(interview)
    assert send(interview, "the same", rev=4, base=0) is Outcome.SAVED


def test_what_an_older_page_wrote_is_late_text_once_the_question_is_over():
    interview = make_interview()
    send(interview, "both saw this", rev=3, base=0)
    take_over(interview)
    send(interview, "the phone's", rev=54, base=3, act="submit_answer")
    assert send(interview, "the laptop's", rev=26, base=3, lease=1) is Outcome.ELSEWHERE
    assert kinds(interview)[-1] == ("late", "the laptop's")


@pytest.mark.parametrize("base", ["-1", "x", "1e3", "", "9" * 12])
def test_a_base_that_is_no_revision_is_refused(candidate_client, candidate, base):
    interview = make_interview(candidate=candidate, now=timezone.now())
    data = {"answer": "text", "rev": 1, "lease": 1, "base": base}
    path = reverse("interviews:save", args=[interview.public_id, 1])
    assert candidate_client.post(path, data, headers={"hx-request": "true"}).status_code == 422
    assert not AnswerRevision.objects.exists()


# --- how much is kept ---------------------------------------------------------------------------------


def test_a_few_hundred_drafts_of_an_answer_are_kept_and_then_the_newest(monkeypatch):
    monkeypatch.setattr(question_rules, "DRAFTS_BUDGET", 10 * budgets.LEAST_DRAFT)
    interview = make_interview()
    for rev in range(1, 31):
        send(interview, f"text {rev}", rev=rev, base=0)
    assert question_of(interview, 1).answer == ["text 30"]
    assert [text for _, text in kinds(interview)] == [f"text {rev}" for rev in range(1, 11)]
    send(interview, "the end", rev=31, base=30, act="submit_answer")
    assert kinds(interview)[-1] == ("final", "the end")


def test_long_drafts_use_the_budget_up_sooner(monkeypatch):
    monkeypatch.setattr(question_rules, "DRAFTS_BUDGET", 100_000)
    interview = make_interview()
    for rev in range(1, 10):
        send(interview, "x" * 49_999 + str(rev), rev=rev, base=0)
    assert len(kinds(interview)) == 2
    assert question_of(interview, 1).answer[0].endswith("9")


def test_six_hundred_late_texts_of_50_kB_leave_the_first_two_megabytes_and_the_newest():
    interview = make_interview()
    for number in range(1, 70):
        send(interview, f"{number:05}" * 10_000, rev=number, base=0, now=after(1000 + number))
    late = AnswerRevision.objects.filter(question__interview=interview, kind="late")
    assert late.count() == 40
    assert late.latest("pk").answer == ["00069" * 10_000]
    assert late.earliest("pk").answer == ["00001" * 10_000]


def test_the_budget_is_the_persons_and_each_question_keeps_its_newest(monkeypatch):
    monkeypatch.setattr(budgets, "BESIDE_BUDGET", 1000)
    interview = make_interview()
    write(interview, 1, "first", act="submit_answer")
    write(interview, 2, "second", act="submit_answer")
    for number in range(5):
        write(interview, 1, f"{number}" * 600, rev=10 + number, now=after(1000))
    for number in range(5):
        write(interview, 2, f"{number}" * 600, rev=10 + number, now=after(1000))
    late = AnswerRevision.objects.filter(kind="late")
    assert [one.answer[0][0] for one in late.filter(question__position=1)] == ["0", "4"]
    assert [one.answer[0][0] for one in late.filter(question__position=2)] == ["4"]
    another = make_interview(candidate=make_candidate())
    for number in range(2):
        write(another, 1, f"{number}" * 600, rev=10 + number, now=after(1000))
    assert late.filter(question__interview=another).count() == 2


def test_a_budget_that_was_used_up_leaves_the_record_as_closed_as_before(monkeypatch):
    """The trigger lets the one deletion pass, and nothing after it."""
    monkeypatch.setattr(budgets, "MOST_BESIDE", 1)
    interview = make_interview()
    with Interview.objects.under_lock(interview.public_id, now=after(1000)) as locked:
        for rev in (1, 2, 3):
            locked.save_answer(1, Written([f"late {rev}"], rev, locked.lease), now=after(1000))
            locked.writes.send()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AnswerRevision.objects.all()._raw_delete(using="default")
    assert kinds(interview) == [("late", "late 3")]


# --- how much one look loads --------------------------------------------------------------------------


@pytest.fixture
def much_written(candidate) -> Interview:
    """Two megabytes of late text, ended."""
    interview = make_interview(candidate=candidate, formats=("free_text",))
    for number in range(40):
        write(interview, 1, f"{number:05}" * 10_000, rev=1 + number, now=after(1000))
    return interview


def test_the_results_show_an_excerpt_of_the_newest_late_text(candidate_client, much_written):
    response = candidate_client.get(reverse("interviews:results", args=[much_written.public_id]))
    page = response.content.decode()
    assert "0003900039" in page
    assert "All 40 late texts are in the replay" in page
    assert len(page) < 100_000


def test_the_replay_comes_in_pages_of_a_few_versions(candidate_client, much_written):
    path = reverse("interviews:replay", args=[much_written.public_id, 1])
    seen = []
    for number in range(1, 20):
        response = candidate_client.get(path, {"page": number})
        assert len(response.content) < 400_000
        steps = response.context["steps"]
        if steps[0].number in seen:
            break
        seen += [step.number for step in steps]
    assert sorted(seen) == list(range(1, 41))
    assert "Versions 40 to 40" not in candidate_client.get(path).content.decode()


def test_late_choices_are_shown_in_words(candidate_client, candidate):
    interview = make_interview(candidate=candidate, formats=("single_choice",))
    option = question_of(interview, 1).version.options.get(text="wrong b")
    write(interview, 1, str(option.pk), now=after(1000))
    page = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    late = page.split("Late text, not scored")[1].split("</details>")[0]
    assert "wrong b" in late


@pytest.mark.parametrize("act", ["save", "submit", "skip", "finish", "pause"])
def test_posts_of_an_interview_are_counted_by_person(candidate_client, candidate, settings, act, monkeypatch):
    monkeypatch.setattr(limits.time, "monotonic", lambda: 1000.0)
    interview = make_interview(candidate=candidate, now=timezone.now(), pace="gentle")
    place = [] if act in ("finish", "pause") else [1]
    path = reverse(f"interviews:{act}", args=[interview.public_id, *place])
    data = {"answer": "x" * 1000, "rev": 1, "lease": 1, "position": 1}
    statuses = [
        candidate_client.post(path, data, headers={"hx-request": "true"}).status_code
        for _ in range(int(5 * settings.SAVES_PER_SECOND) + 2)
    ]
    assert statuses[-2:] == [429, 429]
    assert statuses[0] == 200
