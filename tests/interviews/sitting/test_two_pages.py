"""Two devices in one answer, offline at will, requests delayed and replies lost: no word is lost, and no text
replaces another that it did not grow from.

The server is the real one, through its addresses; the pages are page_model.py.
"""

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from interviews.sitting.models import AnswerRevision, InterviewQuestion
from tests.factories import make_candidate, make_interview
from tests.interviews.sitting.page_model import Copy, Device, Page, Reply

DEVICES = st.sampled_from([0, 1])
HTMX = {"hx-request": "true"}


class TwoPages(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        candidate = make_candidate()
        self.interview = make_interview(candidate=candidate, pace="untimed", now=timezone.now())
        self.client = Client()
        self.client.force_login(candidate)
        self.devices = [Device(self.post), Device(self.post)]
        self.words: list[str] = []
        self.under_way: list[tuple[Page, Copy]] = []
        self.put_in: set[str] = set()  # texts that somebody chose

    def teardown(self):
        try:
            self.everybody_comes_back()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # --- the server -------------------------------------------------------------------------------

    def url(self, name: str, *args) -> str:
        return reverse(f"interviews:{name}", args=[self.interview.public_id, *args])

    def post(self, copy: Copy, act: str) -> Reply:
        before = self.held(copy.position)
        data = {"answer": copy.text, "rev": copy.rev, "lease": copy.lease}
        if copy.base is not None:
            data["base"] = copy.base
        reply = self.client.post(self.url(act, copy.position), data, headers=HTMX)
        after = self.held(copy.position)
        is_chosen = any(text in after for text in self.put_in if text)
        assert set(before.split()) <= set(after.split()) or is_chosen, f"{after!r} replaced {before!r} by itself"
        said = reply.content.decode()
        rev, crc = re.search(r'data-rev="(\d+)"', said), re.search(r'data-checksum="(\w+)"', said)
        return Reply(
            reply.status_code,
            int(rev[1]) if rev else 0,
            crc[1] if crc else "",
            'data-outcome="late"' in said,
        )

    def held(self, position: int) -> str:
        return " ".join(InterviewQuestion.objects.get(interview=self.interview, position=position).answer)

    # --- what people and networks do --------------------------------------------------------------

    def load(self, device: Device) -> None:
        response = self.client.get(self.url("interview"))
        if response.status_code != 200:
            device.page = None
            return
        question, lease = response.context["question"], response.context["interview"].lease
        text = question.answer[0] if question.answer else ""
        Page(device, position=question.position, lease=lease, held=question.rev, held_by=question.lease, text=text)
        device.settle()

    @rule(number=DEVICES)
    def open(self, number):
        if self.devices[number].is_online:
            self.load(self.devices[number])

    @rule(number=DEVICES)
    def close(self, number):
        self.devices[number].page = None

    @rule(number=DEVICES)
    def lose_the_network(self, number):
        self.devices[number].is_online = False

    @rule(number=DEVICES)
    def find_the_network(self, number):
        self.devices[number].is_online = True
        self.devices[number].settle()

    @rule(number=DEVICES, count=st.sampled_from([1, 1, 5]))
    def type(self, number, count):
        page = self.devices[number].page
        for _ in range(count if page and not page.is_elsewhere else 0):
            self.words.append(f"word{len(self.words)}")
            page.text = f"{page.text} {self.words[-1]}".strip()
            page.changed()

    @rule(number=DEVICES, fate=st.sampled_from(["arrives", "arrives", "reply is lost", "takes its time"]))
    def save(self, number, fate):
        device = self.devices[number]
        page = device.page
        if not page or not page.is_dirty or page.is_elsewhere or not device.is_online:
            return
        sent = page.copy()
        if fate == "takes its time":
            self.under_way.append((page, sent))
            return
        reply = self.post(sent, "save")
        if fate == "arrives":
            page.answered(sent, reply)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def arrive_at_last(self, data):
        """In any order, also when its page is closed."""
        page, sent = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        reply = self.post(sent, "save")
        if page.device.page is page:
            page.answered(sent, reply)

    @rule(number=DEVICES, is_wanted=st.sampled_from([True, False, False]))
    def hand_in(self, number, is_wanted):
        device = self.devices[number]
        page = device.page
        if not is_wanted or not page or page.is_elsewhere or not page.text or not device.is_online:
            return
        page.rev += 0 if page.is_dirty else 1  # the form's field is one ahead
        sent = page.copy()
        reply = self.post(sent, "submit")
        if reply.status == 409:
            page.answered(sent, reply)
        else:
            page.forget(sent)
            self.load(device)

    @rule(number=DEVICES, data=st.data())
    def put_one_in(self, number, data):
        device = self.devices[number]
        offers = device.offers()
        if offers and not device.page.is_elsewhere:
            copy = data.draw(st.sampled_from(offers))
            self.put_in |= {copy.text, device.page.text}
            device.put_in(copy)

    @rule(number=DEVICES, data=st.data())
    def discard_one(self, number, data):
        device = self.devices[number]
        if offers := device.offers():
            device.discard(data.draw(st.sampled_from(offers)))

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def every_word_is_somewhere(self):
        on_server = self.on_the_server()
        on_devices = [copy.text for device in self.devices for copy in device.storage.values()]
        on_screens = [device.page.text for device in self.devices if device.page]
        under_way = [sent.text for _, sent in self.under_way]
        self.assert_words_in([on_server, *on_devices, *on_screens, *under_way])

    def everybody_comes_back(self):
        """Then every word is in a revision, in a field, or offered beside one."""
        for page, sent in self.under_way:
            reply = self.post(sent, "save")
            if page.device.page is page:
                page.answered(sent, reply)
        for device in self.devices:
            device.is_online = True
            self.load(device)
            page = device.page
            if page and page.is_dirty:
                sent = page.copy()
                page.answered(sent, self.post(sent, "save"))
            device.settle()
        shown = [copy.text for device in self.devices for copy in device.offers()]
        shown += [device.page.text for device in self.devices if device.page]
        self.assert_words_in([self.on_the_server(), *shown])

    def on_the_server(self) -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(string_agg(answer::text, ' '), '') FROM {AnswerRevision._meta.db_table} "  # noqa: S608
                "WHERE question_id IN (SELECT id FROM interviews_interviewquestion WHERE interview_id = %s)",
                [self.interview.pk],
            )
            return cursor.fetchone()[0]

    def assert_words_in(self, texts: list[str]) -> None:
        found = set(re.findall(r"word\d+", " ".join(texts)))
        assert set(self.words) <= found, f"lost: {set(self.words) - found}"


@pytest.mark.django_db
def test_no_word_is_lost_between_two_pages():
    run_state_machine_as_test(
        TwoPages,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
