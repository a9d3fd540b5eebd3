"""Cohorts: who may read what through one, the roster, what is assigned to it, and the table of it all."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog, CoachGrant, Cohort, CohortMember, User
from interviews.coaching import cohort_notices, invitations, roster
from interviews.coaching.models import Assignment, Review
from interviews.sitting.models import Interview, Refused
from tests.factories import make_candidate, make_coach, make_finished_interview, make_member, make_track, make_version
from tests.interviews.factories import assign_to, client_of, make_cohort, sit

pytestmark = pytest.mark.django_db
# Real moments: when a grant ends, the database's own clock decides.
NOW = timezone.now()


def page(name: str, *args) -> str:
    return reverse(f"interviews:{name}", args=args)


@pytest.fixture
def track():
    for _ in range(3):
        make_version(format="free_text")
    return make_track(slug="screen", count=2, limit_seconds=600)


@pytest.fixture
def cohort(coach) -> Cohort:
    return make_cohort(owner=coach, now=NOW)


def join(cohort: Cohort, person, shares="cohort", now=NOW) -> CohortMember:
    return cohort.join(person, shares=shares, now=now)


def readable(coach) -> set[int]:
    return set(Interview.objects.readable_by(coach).exclude(candidate=coach).values_list("pk", flat=True))


# --- who may read what --------------------------------------------------------------------------------


def test_joining_says_who_sees_what_and_opens_what_was_chosen_until_one_leaves(
    candidate, candidate_client, coach, cohort, track
):
    before = make_finished_interview(candidate=candidate, now=NOW - timedelta(days=1))
    link = page("join_cohort", cohort.join_code)
    said = candidate_client.get(link).content.decode()
    assert str(coach) in said
    assert "Only the mock interviews this cohort assigns" in said
    assert not CoachGrant.objects.exists()
    assert candidate_client.post(link, {"shares": "all"}).status_code == 422
    assert candidate_client.post(link, {"shares": "cohort"}).url == page("dashboard")
    mock = sit(candidate, assign_to(cohort, track=track, now=NOW), now=NOW)
    own = make_finished_interview(candidate=candidate, now=NOW + timedelta(minutes=5))
    assert readable(coach) == {mock.pk}
    # Everything from now on is neither what was before nor what is another cohort's.
    candidate_client.post(link, {"shares": "from_now_on"})
    later = make_finished_interview(candidate=candidate, now=timezone.now() + timedelta(minutes=10))
    assert later.pk in readable(coach)
    assert mock.pk in readable(coach)  # what the cohort assigned before stays shared
    assert before.pk not in readable(coach)
    stranger = make_coach()
    make_cohort(owner=stranger, now=NOW)
    assert readable(stranger) == set()
    assert candidate_client.post(page("leave_cohort", cohort.pk)).url == page("coaches")
    assert readable(coach) == set()
    assert own.pk not in readable(coach)
    assert candidate.right_events.count() == 0  # rights are the coach's
    assert coach.right_events.filter(right__startswith="grant:", is_given=False).count() == 3


def test_a_code_read_out_leads_to_the_same_page_and_a_wrong_one_says_so(candidate_client, cohort):
    spoken = f" {cohort.join_code[:5].lower()}-{cohort.join_code[5:]} "
    found = candidate_client.get(page("enter_cohort_code"), {"code": spoken})
    assert found.url == page("join_cohort", cohort.join_code)
    assert candidate_client.get(page("enter_cohort_code"), {"code": "nonsense"}).status_code == 422
    old = cohort.join_code
    cohort.renew_code()
    assert candidate_client.get(page("join_cohort", old)).status_code == 404


def test_a_second_coach_reads_from_when_they_accept_to_when_they_are_removed(candidate, coach, cohort, track):
    join(cohort, candidate)
    mock = sit(candidate, assign_to(cohort, track=track, now=NOW), now=NOW)
    helper = make_candidate(email="helper@example.com")
    client_of(coach).post(page("invite_cohort_coach", cohort.pk), {"email": "Helper@example.com"})
    seat = cohort.seats.get(coach=None)
    link = invitations.seat_path(seat)
    assert link in mail.outbox[-1].body
    assert client_of(make_candidate()).post(link).status_code == 409
    assert client_of(helper).post(link).status_code == 302
    assert readable(helper) == {mock.pk}
    assert User.objects.get(pk=helper.pk).is_coach
    cohort_notices.remind(now=timezone.now())
    cohort_notices.remind(now=timezone.now())
    assert candidate.notices.filter(kind="cohort_coach").count() == 1
    for name in ("cohort_settings", "cohort_roster"):  # the owner's alone
        assert client_of(helper).get(page(name, cohort.pk)).status_code == 404
    client_of(coach).post(page("remove_cohort_coach", cohort.pk, seat.pk))
    assert readable(helper) == set()
    assert client_of(helper).get(page("cohort", cohort.pk)).status_code == 404
    assert client_of(helper).post(link).status_code == 409


def test_the_last_day_of_a_cohort_ends_what_its_coaches_read(candidate, coach, cohort, track):
    join(cohort, candidate)
    sit(candidate, assign_to(cohort, track=track, now=NOW), now=NOW)
    yesterday = (NOW - timedelta(days=2)).date()
    fields = {"name": "Old", "ends_on": yesterday.isoformat()}
    assert client_of(coach).post(page("cohort_settings", cohort.pk), fields).status_code == 302
    assert readable(coach) == set()
    assert client_of(coach).get(page("cohort", cohort.pk)).status_code == 200
    assert (
        client_of(make_candidate()).post(page("join_cohort", cohort.join_code), {"shares": "cohort"}).status_code == 422
    )


# --- the roster ---------------------------------------------------------------------------------------

ROSTER = """Email;Name;Group
ada@example.com;Ada;A
not an address;Bob;A
new@example.com;New;B
NEW@example.com;Again;B
;Nobody;B
"""


def test_a_roster_adds_nobody_twice_and_says_what_is_wrong_line_by_line(candidate, coach, cohort):
    join(cohort, candidate)  # by the link: ada@example.com has a place already
    client = client_of(coach)
    for expected in (1, 0):
        file = SimpleUploadedFile("roster.csv", ROSTER.encode("utf-8-sig"))
        response = client.post(page("cohort_roster", cohort.pk), {"file": file, "invites": "on"})
        assert [line for line, _ in response.context["errors"]] == [3, 5, 6]
        assert "“not an address” is not an email address." in response.content.decode()
        assert f"{expected} p" in response.content.decode()
    assert list(cohort.members.order_by("pk").values_list("email", "name", "group")) == [
        ("ada@example.com", "Ada", "A"),
        ("new@example.com", "New", "B"),
    ]
    assert not invitations.mail_waiting(cohort_id=cohort.pk, now=timezone.now())
    assert not invitations.mail_waiting(cohort_id=cohort.pk, now=timezone.now())
    assert [one.to for one in mail.outbox] == [["new@example.com"]]
    assert "1 invitation sent" in client.get(page("cohort_roster", cohort.pk)).content.decode()
    # The link in the mail takes the place, whatever address the person uses here.
    link = mail.outbox[0].body.split("http", 1)[1].split()[0]
    newcomer = make_candidate(email="somewhere-else@example.com")
    client_of(newcomer).post("/" + link.split("/", 3)[3], {"shares": "cohort"})
    assert cohort.members.get(user=newcomer).group == "B"
    exported = client.get(page("cohort_roster_csv", cohort.pk)).content.decode()
    assert "new@example.com,New,B,joined" in exported


def test_whoever_has_an_account_is_told_here_and_gets_one_mail(coach, cohort):
    person = make_member(email="known@example.com")
    roster.load(cohort, roster.read("known@example.com"), invites=True, now=NOW)
    invitations.mail_waiting(now=timezone.now())
    notice = person.notices.get()
    assert notice.kind == "cohort_invited"
    assert client_of(person).get(notice.path).status_code == 200
    assert mail.outbox == []  # the notice's own mail is the worker's


def test_three_hundred_lines_take_few_statements(coach, cohort):
    lines = "\n".join(f"person-{number}@example.com, Person {number}, Group {number % 3}" for number in range(300))
    with CaptureQueriesContext(
        connection,
    ) as statements:
        loaded = roster.load(cohort, roster.read(lines), invites=True, now=NOW)
    assert len(loaded.added) == 300
    assert len(statements) < 12


# --- assignments --------------------------------------------------------------------------------------


def test_a_group_gets_it_newcomers_too_and_all_the_same_questions(coach, cohort, track):
    people = [make_candidate(name=name) for name in ("Ann", "Ben", "Cem")]
    for person, group in zip(people, ("A", "A", "B"), strict=True):
        CohortMember.objects.filter(pk=join(cohort, person).pk).update(group=group)
    fields = {"track": "screen", "who": "group:A", "pace": "gentle", "tries": 2, "has_same_questions": "on"}
    assert client_of(coach).post(page("cohort_assign", cohort.pk), fields).status_code == 302
    given = cohort.assignments.get()
    assert set(given.assignments.values_list("candidate", flat=True)) == {people[0].pk, people[1].pk}
    asked = [
        list(sit(person, given, now=NOW).questions.order_by("position").values_list("version", flat=True))
        for person in people[:2]
    ]
    assert asked[0] == asked[1] == given.drawn
    newcomer = make_candidate(email="late@example.com")
    roster.load(cohort, roster.read("late@example.com,Late,A"), invites=False, now=NOW)
    client_of(newcomer).post(page("join_cohort", cohort.join_code), {"shares": "cohort"})
    assert newcomer.assignments.open().count() == 1
    # A second attempt, and no third.
    first = people[0].assignments.get()
    client = client_of(people[0])
    second = client.post(page("assignment_again", first.pk)).url
    assert client.post(page("assignment_again", first.pk)).url == second
    sit(people[0], given, now=NOW + timedelta(hours=1))
    assert client.post(page("assignment_again", people[0].assignments.get(attempt=2).pk)).url == page("dashboard")
    assert people[0].assignments.count() == 2


def test_a_window_holds_back_and_ends_and_extra_time_is_offered(candidate, candidate_client, coach, cohort, track):
    place = join(cohort, candidate)
    CohortMember.objects.filter(pk=place.pk).update(time_multiplier="1.5", time_note="By agreement")
    given = assign_to(cohort, track=track, now=NOW, opens_at=NOW + timedelta(days=1))
    mine = candidate.assignments.get()
    assert candidate.assignments.open().count() == 0
    with Assignment.objects.under_lock(mine.pk) as locked, pytest.raises(Refused, match="opens on"):
        locked.start(time_multiplier=1, now=NOW)
    given.change_window(opens_at=None, due_on=None, closes_at=NOW + timedelta(hours=1), note="")
    said = candidate_client.get(page("assignment", mine.pk)).content.decode()
    assert 'value="1.5"' in said
    assert "By agreement" in said
    with Assignment.objects.under_lock(mine.pk) as locked, pytest.raises(Refused, match="closed"):
        locked.start(time_multiplier=1, now=NOW + timedelta(hours=2))
    # One member alone gets longer, and keeps that when everybody's window moves.
    extend = page("extend_assignment", cohort.pk, place.pk, mine.pk)
    assert client_of(make_coach()).post(extend, {}).status_code == 404
    client_of(coach).post(extend, {"closes_at": "2099-01-01T10:00"})
    given.change_window(opens_at=None, due_on=None, closes_at=NOW + timedelta(minutes=1), note="")
    mine.refresh_from_db()
    assert (mine.closes_at.year, mine.is_extended) == (2099, True)
    given.withdraw(now=NOW)
    assert candidate.assignments.open().count() == 0
    client_of(coach).post(extend, {"closes_at": ""})
    mine.refresh_from_db()
    assert mine.closes_at.year == 2099


# --- the table ----------------------------------------------------------------------------------------


def test_the_table_says_who_is_where_and_each_member_reads_that_it_was_looked_at(candidate, coach, cohort, track):
    candidate.name = "Ada"
    candidate.save()
    for person in (candidate, make_candidate(name="Idle")):
        join(cohort, person)
    given = assign_to(cohort, track=track, now=NOW)
    interview = sit(candidate, given, now=NOW)
    cohort_notices.ask_reviews(now=NOW)
    cohort_notices.ask_reviews(now=NOW)
    assert Review.objects.get().interview == interview
    client = client_of(coach)
    for _ in range(2):
        rows = client.get(page("cohort", cohort.pk)).context["table"].rows
    assert [(str(row.member), row.cells[0].state, row.member.waiting) for row in rows] == [
        (str(candidate), "finished", 1),
        ("Idle", "not started", 0),
    ]
    assert AccessLog.objects.filter(candidate=candidate, actor=coach).count() == 1
    found = client.get(page("cohort", cohort.pk), {"q": "idl", "state": "joined", "sort": "waiting"})
    assert [str(row.member) for row in found.context["table"].rows] == ["Idle"]
    table = client.get(page("cohort_csv", cohort.pk)).content.decode()
    assert "finished" in table
    assert "review waits" in table
    cohort.leave(candidate, now=timezone.now())
    after = client.get(page("cohort_csv", cohort.pk)).content.decode()
    assert "finished" not in after
    assert "review waits" not in after


def test_the_table_costs_fourteen_statements_however_many_members(coach, cohort, track):
    given = assign_to(cohort, track=track, now=NOW)
    client = client_of(coach)
    for size in (2, 60):
        for _ in range(size):
            given.give([join(cohort, make_candidate())], now=NOW)
        sit(cohort.members.last().user, given, now=NOW)
        cohort_notices.ask_reviews(now=NOW)
        for path in (f"{page('cohort', cohort.pk)}?sort=score", page("coaching"), page("candidates")):
            with CaptureQueriesContext(connection) as statements:
                client.get(path)
            asked = [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]
            assert len(asked) <= 14, asked


# --- insights -----------------------------------------------------------------------------------------


def test_insights_say_what_is_missed_from_eight_members_on_and_lead_to_the_answers(coach, cohort, track):
    given = assign_to(cohort, track=track, now=NOW, has_same_questions=True)
    client = client_of(coach)
    for number in range(8):
        assert not client.get(page("cohort_insights", cohort.pk)).context["insights"].is_enough
        person = make_candidate(name=f"Member {number}")
        given.give([join(cohort, person)], now=NOW)
        for question in sit(person, given, now=NOW).questions.all():
            first, second = question.version.rubric_points.all()
            marks = {first.pk: "hit", second.pk: "missed" if number < 6 else "hit"}
            wrong = [question.version.misconceptions.get().pk] if number == 0 else []
            question.grade_by_rubric(marks, by=person, source="self", misconceptions=wrong, now=NOW)
    insights = client.get(page("cohort_insights", cohort.pk)).context["insights"]
    assert [(one.what.text, one.count, one.members) for one in insights.missed] == [
        ("States the second thing", 6, 8)
    ] * 2
    assert [(one.count, one.members) for one in insights.misconceptions] == [(1, 8)] * 2
    assert [(row.name, row.members) for row in insights.topics] == [("Evaluation", 8)]
    point = insights.missed[0].what
    answers = client.get(page("cohort_answers", cohort.pk, point.version_id), {"point": point.pk})
    assert len(answers.context["page"].object_list) == 6
    assert AccessLog.objects.filter(actor=coach, subject__startswith="Answers to").count() == 6
    cohort.leave(person, now=timezone.now())  # seven are too few to say anything of
    assert client.get(page("cohort_answers", cohort.pk, point.version_id)).status_code == 404
