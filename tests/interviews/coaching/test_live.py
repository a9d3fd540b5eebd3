"""Live mocks: agreed by two, sat by one, with the other on the second seat; and the review half done at the end."""

from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import AccessLog, CoachGrant
from interviews.coaching.models import LiveMock, Review
from interviews.coaching.views.live import SEAT
from interviews.notices.models import Notice
from interviews.results.queries import with_questions
from interviews.sitting.models import Interview, InterviewQuestion, Outcome, Refused, Written
from tests.factories import (
    NOON,
    make_candidate,
    make_coach,
    make_follow_up,
    make_track,
    make_version,
    question_of,
    write,
)
from tests.interviews.factories import HTMX, client_of, make_grant
from tests.test_access import addresses, requests

pytestmark = pytest.mark.django_db
FOLLOW_UPS = [make_follow_up(ask="And with drift?", limit_seconds=40), make_follow_up(ask="What would you read?")]


@pytest.fixture
def coach():
    return make_coach(name="Grace")


@pytest.fixture
def track():
    for _ in range(2):
        make_version(points=("States the bias", "States the variance"), follow_ups=FOLLOW_UPS)
    return make_track(count=2, levels=["intermediate"], limit_seconds=600)


def agreed(candidate, coach, track, *, now=NOON) -> LiveMock:
    mock = LiveMock.objects.make(by=coach, candidate=candidate, interviewer=coach, track=track, now=now)
    mock.accept(candidate, now=now)
    return mock


def begin(candidate, coach, track, *, now=NOON, shares=True) -> Interview:
    return agreed(candidate, coach, track, now=now).start(time_multiplier=1, shares=shares, now=now)


def held(interview, *, now=NOON):
    return Interview.objects.under_lock(interview.public_id, now=now)


def seconds(count: float):
    return NOON + timedelta(seconds=count)


def room(name: str, interview) -> str:
    return reverse(f"interviews:{name}", args=[interview.public_id])


# --- the engine -----------------------------------------------------------------------------------


def test_a_follow_up_comes_at_once_and_text_on_its_way_still_counts(candidate, coach, track):
    interview = begin(candidate, coach, track)
    write(interview, 1, "Bias", now=seconds(5))
    with held(interview, now=seconds(6)) as locked:
        locked.ask_back(1, probe=0, by=coach, now=seconds(6))
        locked.ask_back(1, probe=0, by=coach, now=seconds(6))  # a double click
        asked = locked.current_question()
    assert (asked.title, asked.limit_seconds, str(asked)) == ("And with drift?", 40, "Question 1, follow-up")
    with held(interview, now=seconds(8)) as locked:
        first = Written(["Bias and variance"], rev=2, lease=locked.lease, base=1)
        assert locked.save_answer(1, first, now=seconds(8)) is Outcome.SAVED
    with held(interview, now=seconds(20)) as locked:
        late = Written(["Bias and variance, later"], rev=3, lease=locked.lease, base=2)
        assert locked.save_answer(1, late, now=seconds(20)) is Outcome.LATE
    assert question_of(interview, 1).answer == ["Bias and variance"]
    assert interview.questions.filter(follows__isnull=False).count() == 1


def test_a_question_that_was_empty_when_it_was_closed_is_answered_by_text_on_its_way(candidate, coach, track):
    interview = begin(candidate, coach, track)
    with held(interview, now=seconds(5)) as locked:
        locked.move_on(1, by=coach, now=seconds(5))
        locked.move_on(1, by=coach, now=seconds(5))  # a double click
    assert question_of(interview, 1).state == "skipped"
    with held(interview, now=seconds(6)) as locked:
        locked.save_answer(1, Written(["Just typed"], rev=1, lease=locked.lease, base=0), now=seconds(6))
    assert question_of(interview, 1).state == "answered"
    assert question_of(interview, 2).state == "open"


def test_asked_while_another_is_open_it_waits_and_the_candidate_is_led_there(candidate, coach, track):
    interview = begin(candidate, coach, track)
    write(interview, 1, "Bias", now=seconds(5), act="submit_answer")
    with held(interview, now=seconds(9)) as locked:
        locked.ask_back(1, ask="Going back: why?", by=coach, now=seconds(9))
        assert locked.current_question().position == 2
        with pytest.raises(Refused, match="no such follow-up"):
            locked.ask_back(2, probe=7, by=coach, now=seconds(9))
    with held(interview, now=seconds(10)) as locked:
        locked.move_on(2, by=coach, now=seconds(10))
        with pytest.raises(Refused, match="last question"):
            locked.move_on(3, by=coach, now=seconds(10))
    shown = question_of(interview, 3)
    assert (shown.title, shown.state, shown.follow_up["rubric"]) == ("Going back: why?", "open", [])


def test_a_strict_interview_paused_from_the_second_seat_neither_expires_nor_loses_time(candidate, coach, track):
    interview = begin(candidate, coach, track)
    with held(interview, now=seconds(10)) as locked:
        locked.pause(by=coach, now=seconds(10))
    assert not Interview.objects.overdue(seconds(9000)).exists()
    with held(interview, now=seconds(9010)) as locked:
        assert locked.interview_left(seconds(9010)) == timedelta(seconds=590)
        locked.resume(now=seconds(9010))  # by the candidate: who paused may be gone
        assert locked.interview_left(seconds(9010)) == timedelta(seconds=590)
        assert locked.expires_at
        with pytest.raises(Refused):
            locked.pause(now=seconds(9011))


def test_the_seat_ends_with_the_interview_and_by_a_word_of_the_candidate(candidate, coach, track):
    interview = begin(candidate, coach, track)
    client = client_of(candidate)
    client.post(reverse("interviews:end_seat", args=[interview.public_id]))
    with held(interview, now=timezone.now()) as locked:
        assert locked.second_seat is None
        for act in (
            lambda: locked.move_on(1, by=coach, now=NOON),
            lambda: locked.ask_back(1, probe=0, by=coach, now=NOON),
            lambda: locked.pause(by=coach, now=NOON),
        ):
            with pytest.raises(Refused, match="continues alone"):
                act()


# --- agreeing -------------------------------------------------------------------------------------


def test_a_time_is_proposed_moved_accepted_and_stands_in_both_calendars(candidate, coach, track):
    make_grant(candidate, coach)
    ours, theirs = client_of(candidate), client_of(coach)
    tomorrow = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    fields = {"role": "answer", "person": coach.pk, "track": track.slug, "starts_at": f"{tomorrow:%Y-%m-%dT%H:%M}"}
    ours.post(reverse("interviews:live_mocks"), fields | {"call_url": "https://call.example.org/x"})
    mock = LiveMock.objects.get()
    page = reverse("interviews:live_mock", args=[mock.public_id])
    later = tomorrow + timedelta(hours=1)
    theirs.post(reverse("interviews:move_live", args=[mock.public_id]), {"starts_at": f"{later:%Y-%m-%dT%H:%M}"})
    theirs.post(reverse("interviews:accept_live", args=[mock.public_id]))  # their own: still to be accepted
    mock.refresh_from_db()
    assert mock.agreed_at is None
    for _ in range(2):
        ours.post(reverse("interviews:accept_live", args=[mock.public_id]))
    assert "agreed" in ours.get(page).content.decode()
    told = Notice.objects.order_by("pk").values_list("recipient", "kind")
    assert [*told] == [(coach.pk, "live_proposed"), (candidate.pk, "live_proposed"), (coach.pk, "live_agreed")]
    for client in (ours, theirs):
        file = client.get(reverse("interviews:live_calendar_file", args=[mock.public_id]))
        event = Calendar.from_ical(file.content).walk("VEVENT")[0]
        assert (event.decoded("dtstart"), event["status"]) == (later, "CONFIRMED")


def test_the_link_gives_the_seat_once_and_no_guest_takes_it(candidate, coach, track):
    client_of(candidate).post(reverse("interviews:live_mocks"), {"role": "answer", "track": track.slug})
    mock = LiveMock.objects.get()
    link = reverse("interviews:join_live", args=[signing.dumps(mock.pk, salt=SEAT)])
    guest = make_candidate()
    guest.is_guest = True
    guest.save()
    assert client_of(guest).post(link).url == reverse("account_signup")
    assert client_of(coach).post(link).status_code == 302
    assert client_of(make_coach()).post(link).status_code == 409
    assert client_of(coach).get("/live/join/forged/").status_code == 404
    mock.refresh_from_db()
    assert (mock.interviewer, mock.state) == (coach, "agreed")
    LiveMock.objects.update(made_at=NOON - timedelta(days=40), changed_at=NOON - timedelta(days=40))
    assert list(LiveMock.objects.useless(NOON - timedelta(days=30))) == [mock]


# --- the room -------------------------------------------------------------------------------------


def test_marks_and_notes_made_live_are_in_the_review_and_every_look_is_logged(candidate, coach, track):
    now = timezone.now()
    interview = begin(candidate, coach, track, now=now)
    write(interview, 1, "Bias <b>bold</b>", now=now)
    theirs = client_of(coach)
    response = theirs.get(room("live_room", interview))
    at, page = response.context["at"], response.content.decode()
    assert "Bias &lt;b&gt;bold" in page
    assert "And with drift?" in page
    point = question_of(interview, 1).version.rubric_points.first()
    theirs.post(room("live_mark", interview), {"at": at, "position": 1, f"point-{point.pk}": "partly"}, **HTMX)
    for _ in range(2):
        theirs.post(room("live_note", interview), {"at": at, "note": "Says nothing of noise."}, **HTMX)
    minutes = {"at": at, "minutes": 5, "seen": 0}
    assert theirs.post(room("live_time", interview), minutes, **HTMX).status_code == 200
    assert theirs.post(room("live_time", interview), minutes, **HTMX).status_code == 422  # a double click
    theirs.post(room("live_ask", interview), {"at": at, "position": 1, "ask": "Why  is\nthat?"}, **HTMX)
    asked = client_of(candidate).get(reverse("interviews:interview", args=[interview.public_id])).content.decode()
    assert "Why is that?" in asked
    assert "Grace is with you" in asked
    looks = AccessLog.objects.filter(actor=coach, candidate=candidate).values_list("subject", flat=True)
    assert [look.partition("live: ")[2] for look in looks.order_by("pk")] == [
        "question 1 as it was answered",
        "question 1, follow-up as it was answered",
    ]
    with held(interview, now=now) as locked:
        locked.finish(lease=locked.lease, now=timezone.now())
    assert theirs.get(room("live_room", interview)).status_code == 302
    assert theirs.post(room("live_ask", interview), {"position": 1, "ask": "More"}).status_code == 404
    review = Review.objects.for_coach(coach).get()
    assert review.private_notes.startswith("[Question 1, 0:0")
    assert review.private_notes.count("Says nothing of noise.") == 1
    assert review.answers.get().marks == {str(point.pk): "partly"}
    results = with_questions(Interview.objects.filter(pk=interview.pk)).get()
    assert [one.title for one in results.questions.all()[0].follow_ups.all()] == ["Why is that?"]


def test_without_the_candidates_word_the_interview_is_not_read_afterwards(candidate, coach, track):
    interview = begin(candidate, coach, track, shares=False)
    with held(interview) as locked:
        locked.finish(lease=locked.lease, now=NOON)
    assert not CoachGrant.objects.exists()
    assert client_of(coach).get(reverse("interviews:review", args=[interview.public_id])).status_code == 404


def test_a_look_at_nothing_new_costs_one_statement_besides_the_log_ins(
    candidate, coach, track, django_assert_num_queries
):
    interview = begin(candidate, coach, track, now=timezone.now())
    theirs = client_of(coach)
    context = theirs.get(room("live_room", interview)).context
    look = f"{room('live_look', interview)}?seen={context['seen']}&at={context['at']}"
    with django_assert_num_queries(3):  # session, user, interview
        assert theirs.get(look, **HTMX).status_code == 204
    write(interview, 1, "New", now=timezone.now())
    news = theirs.get(look, **HTMX).content.decode()
    assert "New" in news
    assert "room-question" not in news  # what is typed or ticked beside the answer stays
    assert "room-acts" not in news


def other_coach_of(candidate):
    coach = make_coach()
    make_grant(candidate, coach)
    return coach


def former(candidate, mock):
    mock.interview.refresh_from_db()
    with held(mock.interview, now=timezone.now()) as locked:
        locked.end_seat(by=candidate, now=timezone.now())
    return mock.interviewer


@pytest.mark.parametrize("who", ["stranger", "other coach", "coach without the seat"])
def test_a_live_mock_does_not_exist_for_others(who, candidate, coach, track):
    mock = agreed(candidate, coach, track, now=timezone.now())
    interview = mock.start(time_multiplier=1, shares=True, now=timezone.now())
    person = {"stranger": make_candidate, "other coach": lambda: other_coach_of(candidate)}.get(
        who, lambda: former(candidate, mock)
    )()
    before = [*interview.events.values_list(), *LiveMock.objects.values_list()]
    walked = 0
    for name, route in addresses():
        if name in ("live_mocks", "join_live") or "live" not in (name or ""):
            continue
        if who == "coach without the seat" and ("mock_id" in route or name in ("live_room", "live_look")):
            continue  # which is theirs, and shows no answer
        path = "/" + route.replace("<uuid:mock_id>", str(mock.public_id)).replace(
            "<uuid:public_id>", str(interview.public_id)
        )
        for response in requests(client_of(person), path):
            assert response.status_code in (404, 405), (name, response.status_code)
            walked += 1
    assert walked >= 12
    assert [*interview.events.values_list(), *LiveMock.objects.values_list()] == before


# --- taking turns ---------------------------------------------------------------------------------


def test_two_candidates_swap_and_who_asks_is_shown_nothing_new_without_their_word(candidate, track):
    other = make_candidate(name="Linus")
    ours, theirs = client_of(candidate), client_of(other)
    ours.post(reverse("interviews:live_mocks"), {"role": "turns", "track": track.slug})
    mock = LiveMock.objects.get()
    assert theirs.post(reverse("interviews:join_live", args=[signing.dumps(mock.pk, salt=SEAT)])).status_code == 302
    start = reverse("interviews:start_live", args=[mock.public_id])
    refused = ours.post(start, {"time_multiplier": 1})
    assert "Linus hasn’t answered enough questions" in refused.content.decode().replace("&#x27;", "’")
    assert not Interview.objects.exists()
    assert ours.post(reverse("interviews:see_new_live", args=[mock.public_id])).status_code == 404  # not theirs to say
    theirs.post(reverse("interviews:see_new_live", args=[mock.public_id]))
    assert ours.post(start, {"time_multiplier": 1}).status_code == 302
    interview = Interview.objects.get()
    page = theirs.get(room("live_room", interview)).content.decode()
    assert "States the bias" in page
    assert "Private note" not in page
    assert theirs.post(room("live_note", interview), {"note": "x"}).status_code == 404
    assert other.studied.count() == 2
    for position in (1, 2):
        write(interview, position, "Bias", now=timezone.now(), act="submit_answer")
    assert not CoachGrant.objects.exists()
    swap = reverse("interviews:swap_live", args=[mock.public_id])
    assert theirs.post(swap).url == ours.post(swap).url
    following = LiveMock.objects.get(swapped_from=mock)
    assert (following.candidate, following.interviewer, following.state) == (other, candidate, "agreed")
    theirs.post(reverse("interviews:start_live", args=[following.public_id]), {"time_multiplier": 1})
    answered = InterviewQuestion.objects.questions_answered(candidate)
    assert set(other.interviews.get().questions.values_list("question", flat=True)) == answered
