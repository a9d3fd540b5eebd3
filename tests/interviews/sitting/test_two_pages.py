"""Two devices in one answer, offline at will, requests delayed and replies lost: no word is lost, and no text
replaces another that it did not grow from.

The server is the real one, through its addresses; the pages are page_model.py.
"""

import re
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from interviews.sitting.models import AnswerRevision, InterviewQuestion
from tests.factories import make_candidate, make_interview
from tests.interviews.sitting.page_model import Copy, Device, Page, Reply

HTMX = {"hx-request": "true"}
FATES = st.sampled_from(["arrives", "arrives", "is not sent", "its reply is lost", "takes its time"])


def can_load(device: Device) -> bool:
    return device.is_online


def has_page(device: Device) -> bool:
    return device.page is not None


def can_write(device: Device) -> bool:
    return has_page(device) and not device.page.is_elsewhere


def can_save(device: Device) -> bool:
    return can_write(device) and device.is_online and device.page.is_dirty


def has_offers(device: Device) -> bool:
    return can_write(device) and bool(device.offers())


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

    def some(self, is_meant: Callable[[Device], object]) -> st.SearchStrategy[Device]:
        return st.sampled_from([device for device in self.devices if is_meant(device)])

    @initialize()
    def both_have_it_open(self):
        for device in self.devices:
            self.load(device)

    @precondition(lambda self: any(map(can_load, self.devices)))
    @rule(data=st.data())
    def open(self, data):
        self.load(data.draw(self.some(can_load)))

    @precondition(lambda self: any(map(has_page, self.devices)))
    @rule(data=st.data())
    def close(self, data):
        data.draw(self.some(has_page)).page = None

    @rule(number=st.sampled_from([0, 1, None, None]))
    def lose_or_find_the_network(self, number):
        if number is None:
            return
        device = self.devices[number]
        device.is_online = not device.is_online
        device.settle()

    @precondition(lambda self: any(map(can_write, self.devices)))
    @rule(
        bursts=st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([1, 1, 5]), FATES), min_size=1, max_size=6)
    )
    def write(self, bursts):
        """Now here, now there; each burst ends with a save."""
        for number, count, fate in bursts:
            device = self.devices[number]
            for _ in range(count if can_write(device) else 0):
                self.words.append(f"word{len(self.words)}")
                device.page.text = f"{device.page.text} {self.words[-1]}".strip()
                device.page.changed()
            self.save(device, fate)

    def save(self, device: Device, fate: str) -> None:
        if not can_save(device) or fate == "is not sent":
            return
        page, sent = device.page, device.page.copy()
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

    @precondition(lambda self: any(map(can_save, self.devices)))
    @rule(data=st.data(), is_wanted=st.sampled_from([True, False, False]))
    def hand_in(self, data, is_wanted):
        device = data.draw(self.some(can_save))
        if not is_wanted:
            return
        page, sent = device.page, device.page.copy()
        reply = self.post(sent, "submit")
        if reply.status == 409:
            page.answered(sent, reply)
        else:
            page.forget(sent)
            self.load(device)

    @precondition(lambda self: any(map(has_offers, self.devices)))
    @rule(data=st.data())
    def put_one_in(self, data):
        device = data.draw(self.some(has_offers))
        copy = data.draw(st.sampled_from(device.offers()))
        self.put_in |= {copy.text, device.page.text}
        device.put_in(copy)

    @precondition(lambda self: any(map(has_offers, self.devices)))
    @rule(data=st.data())
    def discard_one(self, data):
        device = data.draw(self.some(has_offers))
        device.discard(data.draw(st.sampled_from(device.offers())))

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
                f"SELECT coalesce(string_agg(answer::text, ' '), '') FROM {AnswerRevision._meta.db_table} "
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
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
