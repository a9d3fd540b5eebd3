"""Recordings on their way into an interview: the same rules as for words (sitting/models/answering.py).

Every function is given the interview whose row is held.
"""

from datetime import datetime
from uuid import UUID

from interviews.sitting.clock_text import duration
from interviews.sitting.models import Interview, InterviewQuestion, Outcome, Refused
from interviews.speech import audio
from interviews.speech.models import Recording, largest_bytes, longest_seconds

# More than these, unfinished or beside the answer, no honest page makes for one question.
MOST_BESIDE = 10
# A hundred of the largest, or as many hours of speech as a day has: more is no interview, but a full disk.
MOST_BYTES_A_DAY = 200_000_000
# A recorder's last packet may end a little after its clock.
LENGTH_TOLERANCE_SECONDS = 5


class TooMany(Refused):
    """Later, when those that never ended are gone: what was recorded may wait in its page until then."""


def receive_part(
    interview: Interview, position: int, public_id: UUID, *, offset: int, content: bytes, now: datetime
) -> Recording:
    """Keeps what is new of `content`, which begins at `offset`; the recording's `size` says what is held.

    A repeat and an overlap are harmless; a gap (`offset` > `size`) changes nothing: the page goes on from `size`.
    Also after the question's end: whether it counts is decided when it is whole. Raises Refused or
    TooMany, and InterviewQuestion.DoesNotExist for a question not yet shown.
    """
    question = interview.shown_question(position)
    if not question.format.takes_voice:
        raise Refused("You can’t record an answer to this question.")
    recording = question.recordings.filter(public_id=public_id).first() or _begin(interview, question, public_id, now)
    if recording.is_finished or offset > recording.size:
        return recording
    fresh = content[recording.size - offset :]
    if recording.size + len(fresh) > largest_bytes(question):
        raise Refused("The recording is too large.")
    if fresh:
        recording.append(fresh)
    return recording


def _begin(interview: Interview, question: InterviewQuestion, public_id: UUID, now: datetime) -> Recording:
    beside = question.recordings.exclude(kind=Recording.Kind.ANSWER)
    if beside.count() >= MOST_BESIDE:
        raise TooMany("You’ve recorded this question too many times.")
    if Recording.objects.of_candidate(interview.candidate_id).bytes_of_the_day(now) >= MOST_BYTES_A_DAY:
        raise TooMany("You’ve made too many recordings today.")
    return question.recordings.create(public_id=public_id, begun_at=now)


def finish(
    interview: Interview, position: int, public_id: UUID, *, claimed_seconds: float, lease: int, now: datetime
) -> Recording:
    """The recording is whole. In time and from the newest page it answers the question, in place of an earlier one.

    A repeat changes nothing. Raises Refused, and then the recording is gone, where it is no sound or too long;
    Recording.DoesNotExist where none was begun.
    """
    question = interview.shown_question(position)
    recording = question.recordings.get(public_id=public_id)
    if recording.is_finished:
        return recording
    try:
        sound = audio.inspect(recording.read())
        if (sound.seconds or 0) > longest_seconds(question) + LENGTH_TOLERANCE_SECONDS:
            raise audio.NotSound(f"A recording can be at most {duration(longest_seconds(question))} long here.")
    except audio.NotSound as error:
        recording.delete()
        raise Refused(str(error)) from error
    kind = _kind(interview, question, lease)
    if kind == Recording.Kind.ANSWER:
        question.recordings.filter(kind=kind).delete()
    recording.finish(kind, sound, claimed_seconds=claimed_seconds, now=now)
    if recording.is_answer:
        _set_has_recording(question, True)
    interview.record("recorded", actor=interview.candidate, now=now, question=question, counts=recording.is_answer)
    return recording


def _kind(interview: Interview, question: InterviewQuestion, lease: int) -> str:
    if not (interview.is_in_progress and question.is_open):
        return Recording.Kind.LATE
    return Recording.Kind.ANSWER if lease == interview.lease else Recording.Kind.SIDE


def take_back(interview: Interview, position: int, public_id: UUID, *, lease: int, now: datetime) -> Outcome:
    """Takes an answer's recording, or one on its way, back. A repeat changes nothing.

    Raises Refused after the question's end, and for what is kept beside an answer.
    """
    question = interview.shown_question(position)
    if not (interview.is_in_progress and question.is_open):
        raise Refused("This question is over, so its recording stays with the answer.")
    if lease != interview.lease:
        return Outcome.ELSEWHERE
    recording = question.recordings.filter(public_id=public_id).first()
    if recording is None:
        return Outcome.HELD
    if recording.is_finished and not recording.is_answer:
        raise Refused("This recording is kept beside the answer.")
    recording.delete()
    if recording.is_answer:
        _set_has_recording(question, False)
        interview.record("recording_deleted", actor=interview.candidate, now=now, question=question)
    return Outcome.SAVED


def _set_has_recording(question: InterviewQuestion, has_recording: bool) -> None:
    question.has_recording = has_recording
    question.save(update_fields=["has_recording"])
