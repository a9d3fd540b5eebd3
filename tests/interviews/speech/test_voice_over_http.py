"""Recordings as a page sends and plays them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from interviews.sitting.models import Interview
from interviews.speech import storing
from interviews.speech.models import LARGEST_PART_BYTES, Recording
from tests.factories import NOON, make_candidate, make_coach, make_interview, make_recording
from tests.interviews.factories import client_of, make_grant
from tests.interviews.speech.test_voice import SOUND, part, path_of, record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 3])
def test_the_search_for_orphans_costs_the_same_however_many_files_there_are(
    candidate, count, django_assert_num_queries
):
    running = make_interview(candidate=candidate)
    for kind in ["answer", "late", "side"][:count]:
        make_recording(interview=running, kind=kind).store()
    with django_assert_num_queries(3):  # uploads: counted and looked for; the files that rows name
        assert storing.remove_orphans(now=NOON + timedelta(days=2)) == (0, 0)


@pytest.fixture
def interview(candidate) -> Interview:
    return make_interview(candidate=candidate, now=timezone.now())


def test_a_length_that_is_no_number_is_refused(candidate_client, interview):
    path = reverse("interviews:recording_part", args=[interview.public_id, 1, uuid4()])
    for length in ("abc", "-5", "9" * 5000):
        assert candidate_client.post(f"{path}?offset=0", CONTENT_LENGTH=length).status_code == 400


def finish_by_page(client: Client, interview, public_id, **fields):
    path = reverse("interviews:finish_recording", args=[interview.public_id, 1, public_id])
    return client.post(path, {"size": len(SOUND), "lease": interview.lease, "milliseconds": 3000, **fields})


def test_a_page_sends_parts_goes_on_from_what_is_held_and_finishes(candidate_client, interview):
    public_id = uuid4()
    assert part(candidate_client, interview, SOUND[:100], public_id=public_id).json() == {"held": 100}
    gap = part(candidate_client, interview, SOUND[200:], offset=200, public_id=public_id)
    assert (gap.status_code, gap.json()) == (409, {"held": 100})
    early = finish_by_page(candidate_client, interview, public_id)
    assert (early.status_code, early.json()) == (409, {"held": 100})
    part(candidate_client, interview, SOUND[100:], offset=100, public_id=public_id)
    done = finish_by_page(candidate_client, interview, public_id)
    assert (done.status_code, done.json()["kind"]) == (200, "answer")
    assert finish_by_page(candidate_client, interview, public_id).json() == done.json()
    heard = candidate_client.get(done.json()["url"])
    assert (heard.status_code, heard["Content-Type"], heard["X-Content-Type-Options"]) == (200, "audio/webm", "nosniff")
    assert (heard["Content-Disposition"], heard["Cache-Control"]) == ('inline; filename="answer-1.webm"', "no-store")


@pytest.mark.parametrize("offset", ["", "-1", "x", "9" * 30])
def test_a_senseless_offset_is_refused(candidate_client, interview, offset):
    assert part(candidate_client, interview, b"x", offset=offset).status_code == 422


def test_a_part_that_is_too_large_is_not_read(candidate_client, interview):
    assert part(candidate_client, interview, b"x" * (LARGEST_PART_BYTES + 1)).status_code == 413


def test_too_many_parts_wait_and_lose_nothing(candidate_client, interview, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"record": "2/m/user"}
    public_id = uuid4()
    for offset in (0, 10):
        sent = part(candidate_client, interview, SOUND[offset : offset + 10], offset=offset, public_id=public_id)
        assert sent.status_code == 200
    refused = part(candidate_client, interview, SOUND[20:], offset=20, public_id=public_id)
    assert (refused.status_code, refused["Retry-After"]) == (429, "15")
    assert Recording.objects.get().size == 20


def test_a_page_cannot_name_somebody_elses_recording(candidate_client, candidate, interview):
    theirs = record(make_interview())
    mine = part(candidate_client, interview, b"x", public_id=theirs.public_id)
    assert mine.json() == {"held": 1}  # a recording of one's own under the same name
    assert Recording.objects.get(pk=theirs.pk).size == theirs.size
    assert candidate_client.get(path_of(theirs)).status_code == 404


def test_only_its_candidate_hears_it_and_coaches_with_a_grant_after_the_end(candidate, candidate_client, interview):
    recording = record(interview, now=timezone.now())
    coach = make_coach()
    reader = client_of(coach)
    assert candidate_client.get(path_of(recording)).status_code == 200
    grant = make_grant(candidate, coach)
    assert reader.get(path_of(recording)).status_code == 404  # it still runs
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.finish(lease=locked.lease, now=timezone.now())
    assert reader.get(path_of(recording)).status_code == 200
    assert reader.get(path_of(recording), headers={"range": "bytes=10-"}).status_code == 206
    looks = AccessLog.objects.filter(actor=coach, candidate=candidate)
    assert [look.subject for look in looks] == ["Screen: recording of answer 1"]
    for stranger in (make_candidate(), make_coach()):
        assert client_of(stranger).get(path_of(recording)).status_code == 404
    for name in ("recording_part", "finish_recording", "delete_recording"):
        assert reader.post(path_of(recording, name)).status_code == 404
    grant.revoke(now=timezone.now())
    assert reader.get(path_of(recording)).status_code == 404
    assert looks.count() == 1


@pytest.mark.parametrize(
    ("asked", "status", "part", "of"),
    [
        ("bytes=0-9", 206, slice(0, 10), "0-9"),
        ("bytes=100-", 206, slice(100, None), None),
        ("bytes=-5", 206, slice(-5, None), None),
        ("bytes=0-999999999", 206, slice(0, None), None),
        ("bytes=999999999-", 416, slice(0, 0), None),
        ("bytes=5-2", 416, slice(0, 0), None),
        ("bytes=-", 200, slice(None), None),
        ("bytes=0-1,5-6", 200, slice(None), None),
        ("lines=0-1", 200, slice(None), None),
    ],
)
def test_a_player_may_jump(candidate_client, interview, asked, status, part, of):
    recording = record(interview, now=timezone.now())
    whole = recording.read()
    response = candidate_client.get(path_of(recording), headers={"range": asked})
    assert (response.status_code, response.content) == (status, whole[part])
    if of:
        assert response["Content-Range"] == f"bytes {of}/{len(whole)}"


def test_the_microphone_is_allowed_only_where_a_question_may_be_answered_by_voice(candidate, candidate_client):
    for formats, policy in ((("single_choice", "free_text"), "microphone=(self)"), (("code",), "microphone=()")):
        interview = make_interview(candidate=make_candidate(), formats=formats, now=timezone.now())
        page = client_of(interview.candidate).get(f"/interviews/{interview.public_id}/")
        assert policy in page["Permissions-Policy"]
        assert ("js/speech/voice.js" in page.content.decode()) == (policy == "microphone=(self)")
    assert "microphone=()" in candidate_client.get("/interviews/")["Permissions-Policy"]


def test_results_replay_and_review_play_it_and_mark_what_is_late(candidate, candidate_client):
    now = timezone.now() - timedelta(hours=1)
    interview = make_interview(candidate=candidate, now=now, formats=("free_text",), limit_seconds=60)
    answer = record(interview, now=now)
    late = record(interview, now=now + timedelta(minutes=5))
    side = record(interview, now=now + timedelta(minutes=5))
    Recording.objects.filter(pk=side.pk).update(kind="side")
    results = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    replay = candidate_client.get(reverse("interviews:replay", args=[interview.public_id, 1])).content.decode()
    for page in (results, replay):
        assert f'src="{path_of(answer)}"' in page
        assert f'src="{path_of(late)}"' in page
        assert page.count("Late recording, not scored") == 1
    assert path_of(side) not in results
    assert f'src="{path_of(side)}"' in replay
    assert "You didn’t answer this question" not in results
    assert "Score yourself" in results
    coach = make_coach()
    make_grant(candidate, coach)
    candidate_client.post(reverse("interviews:ask_review", args=[interview.public_id]), {"coach": coach.pk})
    review = client_of(coach).get(reverse("interviews:review_answer", args=[interview.public_id, 1])).content.decode()
    assert f'src="{path_of(answer)}"' in review
    assert "Not answered" not in review
