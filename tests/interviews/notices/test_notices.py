"""What people are told: each thing once, on the channels they want, whatever the mail server does."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from interviews import tasks
from interviews.coaching.models import Review
from interviews.coaching.notices import review_asked
from interviews.notices import mailing
from interviews.notices.models import MutedNotice, Notice
from interviews.notices.notify import notify
from interviews.records import erasure, retention
from tests.factories import NOON, make_candidate, make_coach
from tests.interviews.factories import (
    answer_fields,
    client_of,
    make_answered_interview,
    make_grant,
    scorecard_fields,
    url,
)

pytestmark = pytest.mark.django_db
FIVE_MINUTES = timedelta(minutes=5)


def tell(person, *, key: str = "1", kind: str = "assigned", now=NOON, **fields) -> Notice:
    notify(person, kind, key=key, path="/interviews/", subject="General screen", now=now, **fields)
    return Notice.objects.filter(recipient=person, key=key).first()


@pytest.fixture
def mail_server_away():
    with patch("interviews.notices.mailing.send_mail", side_effect=ConnectionRefusedError):
        yield


def test_the_same_thing_is_told_once(candidate):
    for _ in range(3):
        tell(candidate)
    assert Notice.objects.count() == 1
    for _ in range(3):
        mailing.mail_waiting(now=NOON)
    assert [message.to for message in mail.outbox] == [[candidate.email]]


@pytest.mark.django_db(transaction=True)
def test_two_tasks_at_once_send_one_mail(candidate):
    notice = tell(candidate, now=timezone.now())
    both_have_read = Barrier(2)
    claim = Notice.claim_mail

    def claim_at_once(self, *, now):
        both_have_read.wait(timeout=30)
        return claim(self, now=now)

    def run(_):
        try:
            tasks.mail_notice(notice.pk)
        finally:
            connection.close()

    with patch.object(Notice, "claim_mail", claim_at_once), ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert len(mail.outbox) == 1
    notice.refresh_from_db()
    assert notice.mailed_at
    assert not notice.mail_at


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_notice(candidate):
    at_once = Barrier(2)

    def run(_):
        try:
            at_once.wait(timeout=30)
            tell(candidate)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert Notice.objects.count() == 1


def test_a_mail_server_that_is_away_breaks_nothing_and_gets_the_mail_later_once(candidate, mail_server_away):
    tell(candidate)
    tell(candidate, key="2")
    tasks.sweep_once(now=NOON)
    # The first failure ends the round: the server is asked once, not once for everybody.
    assert sorted(Notice.objects.values_list("mail_attempts", flat=True)) == [0, 1]
    with patch("interviews.notices.mailing.send_mail") as server:
        tasks.sweep_once(now=NOON + timedelta(seconds=20))
        assert server.call_count == 1  # the second; the first rests
        for _ in range(2):
            tasks.sweep_once(now=NOON + FIVE_MINUTES)
        assert server.call_count == 2


def test_a_refused_recipient_rests_longer_each_time_and_is_given_up_after_two_days(candidate):
    tell(candidate)
    refused = smtplib.SMTPRecipientsRefused({})
    with patch("interviews.notices.mailing.send_mail", side_effect=refused) as server:
        for minutes in range(0, 4 * 24 * 60, 5):
            mailing.mail_waiting(now=NOON + timedelta(minutes=minutes))
    assert 5 < server.call_count < 12


def test_a_mail_holds_the_sentence_and_the_links_and_no_header_of_a_name(candidate):
    coach = make_coach(name="Grace\nBcc: everybody@example.com")
    tell(candidate, actor=coach)
    mailing.mail_waiting(now=NOON)
    message = mail.outbox[0]
    assert message.subject == "Holdout: Grace Bcc: everybody@example.com assigned you an interview: General screen"
    assert message.recipients() == [candidate.email]
    assert "http://127.0.0.1:8000/interviews/\n" in message.body
    assert "/notices/settings/" in message.body


@pytest.mark.parametrize(
    ("muted", "on_site", "mails"), [("site", False, 1), ("mail", True, 0), ("site mail", None, 0), ("", True, 1)]
)
def test_each_channel_of_each_kind_can_be_switched_off(candidate, muted, on_site, mails):
    MutedNotice.objects.mute(candidate, [("assigned", channel) for channel in muted.split()])
    notice = tell(candidate)
    tell(candidate, kind="due_tomorrow", key="other")
    mailing.mail_waiting(now=NOON)
    assert (notice and notice.on_site) == on_site
    assert len(mail.outbox) == mails + 1
    page = client_of(candidate).get(reverse("interviews:notices")).content.decode()
    assert ("assigned you an interview" in page) == bool(on_site)
    assert "Due on General screen." in page


def test_mails_that_wait_are_not_sent_once_their_kind_is_switched_off(candidate):
    tell(candidate)
    every = {f"{kind}-{channel}" for kind in ("due_tomorrow", "review_sent") for channel in ("site", "mail")}
    client_of(candidate).post(reverse("interviews:notice_settings"), dict.fromkeys(every, "on"))
    mailing.mail_waiting(now=NOON)
    assert not mail.outbox
    page = client_of(candidate).get(reverse("interviews:notice_settings"))
    assert page.context["form"].initial == {}
    assert {(one.kind, one.channel) for one in candidate.muted_notices.filter(kind="assigned")} == {
        ("assigned", "site"),
        ("assigned", "mail"),
    }
    assert 'name="due_tomorrow-mail" id="id_due_tomorrow-mail" checked' in page.content.decode()


def test_only_coaches_are_asked_about_what_coaches_are_told(candidate_client):
    path = reverse("interviews:notice_settings")
    assert "A candidate asks for a review" not in candidate_client.get(path).content.decode()
    assert "A candidate asks for a review" in client_of(make_coach()).get(path).content.decode()


def test_the_bell_counts_what_is_unread_and_opening_reads_it(candidate_client, candidate):
    mine, _ = tell(candidate), tell(candidate, key="2")
    page = reverse("interviews:notices")
    assert '<span class="bell-count">2</span>' in candidate_client.get(page).content.decode()
    response = candidate_client.post(reverse("interviews:open_notice", args=[mine.pk]))
    assert response.url == "/interviews/"
    assert '<span class="bell-count">1</span>' in candidate_client.get(page).content.decode()
    candidate_client.post(reverse("interviews:read_notices"))
    assert "bell-count" not in candidate_client.get(page).content.decode()


def test_a_strangers_notice_does_not_exist(candidate_client):
    theirs = tell(make_coach())
    assert candidate_client.post(reverse("interviews:open_notice", args=[theirs.pk])).status_code == 404
    candidate_client.post(reverse("interviews:read_notices"))
    theirs.refresh_from_db()
    assert not theirs.is_read


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_takes_a_constant_number_of_queries(candidate_client, candidate, django_assert_num_queries, count):
    for number in range(count):
        tell(candidate, key=str(number), actor=make_coach())
    with django_assert_num_queries(5):  # session, user, count, notices with their actors, unread
        candidate_client.get(reverse("interviews:notices"))


def test_old_notices_are_deleted_at_night(candidate):
    tell(candidate)
    tell(candidate, key="2", now=NOON + timedelta(days=1))
    retention.tidy(now=NOON + timedelta(days=180, hours=1))
    assert [notice.key for notice in Notice.objects.all()] == ["2"]


# --- reviews ----------------------------------------------------------------------------------------


def test_every_coach_who_may_answer_is_told_of_the_question(candidate_client, candidate):
    interview = make_answered_interview(candidate=candidate)
    coaches = [make_coach(), make_coach()]
    for coach in coaches:
        make_grant(candidate, coach)
    path = reverse("interviews:ask_review", args=[interview.public_id])
    for _ in range(2):
        candidate_client.post(path, {"coach": "whoever"})
    assert {notice.recipient for notice in Notice.objects.all()} == set(coaches)
    opened = client_of(coaches[0]).post(reverse("interviews:open_notice", args=[coaches[0].notices.get().pk]))
    assert client_of(coaches[0]).get(opened.url).status_code == 200


def ask(client, interview, coach="whoever") -> None:
    path = reverse("interviews:ask_review", args=[interview.public_id])
    assert client.post(path, {"coach": getattr(coach, "pk", coach)}).status_code == 302


def withdraw(client, interview) -> None:
    assert client.post(reverse("interviews:withdraw_review", args=[interview.public_id])).status_code == 302


def test_who_asks_withdraws_and_asks_again_has_a_coach_mailed_once_a_day(candidate_client, candidate, coach):
    make_grant(candidate, coach)
    interviews = [make_answered_interview(candidate=candidate) for _ in range(2)]
    for interview in interviews * 2:
        ask(candidate_client, interview, coach)
        tasks.sweep_once(now=timezone.now())
        assert coach.notices.shown().count() == 1
        withdraw(candidate_client, interview)
    ask(candidate_client, interviews[0], coach)
    asked = coach.notices.shown().get()  # the site tells each time, and what was withdrawn is gone
    tasks.sweep_once(now=asked.made_at + timedelta(hours=23))
    assert len(mail.outbox) == 1
    for _ in range(2):
        tasks.sweep_once(now=asked.made_at + timedelta(hours=25))
    assert [message.to for message in mail.outbox] == [[coach.email]] * 2


def test_another_candidate_and_another_coach_are_mailed_at_once(candidate, coach):
    coaches = [coach, make_coach()]
    for person in (candidate, make_candidate()):
        for each in coaches:
            make_grant(person, each)
        ask(client_of(person), make_answered_interview(candidate=person))
    mailing.mail_waiting(now=timezone.now())
    assert len(mail.outbox) == 4


@pytest.mark.django_db(transaction=True)
def test_asking_for_several_reviews_at_once_sends_one_mail(candidate, coach):
    make_grant(candidate, coach)
    reviews = [Review.objects.ask(make_answered_interview(candidate=candidate), now=NOON) for _ in range(2)]
    at_once = Barrier(2)

    def run(review):
        try:
            with transaction.atomic():
                at_once.wait(timeout=30)
                review_asked(review, [coach], now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, reviews))
    mailing.mail_waiting(now=NOON)
    assert coach.notices.shown().count() == 2
    assert sorted(bool(notice.mailed_at) for notice in coach.notices.all()) == [False, True]


def test_a_sent_review_is_mailed_when_it_cannot_be_taken_back_any_more(candidate, coach, review):
    client = client_of(coach)
    client.post(url("save_review_answer", review, 1), answer_fields(review))
    client.post(url("save_review_scorecard", review), scorecard_fields())
    for _ in range(2):
        client.post(url("review_send", review))
    made = candidate.notices.get()
    assert made.text.startswith(f"{coach} has reviewed your interview")
    client.post(url("review_undo", review))
    assert not candidate.notices.exists()
    client.post(url("review_send", review))
    made = candidate.notices.get()
    mailing.mail_waiting(now=made.made_at + timedelta(minutes=9))
    assert not mail.outbox
    mailing.mail_waiting(now=made.made_at + timedelta(minutes=11))
    assert [message.to for message in mail.outbox] == [[candidate.email]]


def test_with_the_account_of_a_coach_their_name_goes_from_the_notices(candidate, coach, review):
    assert isinstance(review, Review)
    tell(candidate, actor=coach)
    assert str(coach) in candidate.notices.get().text
    erasure.delete_everything(coach, now=NOON)
    assert candidate.notices.get().text.startswith("Somebody assigned you")
