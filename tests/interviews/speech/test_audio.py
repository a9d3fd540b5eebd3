"""What the bytes of a recording are, whatever a page says they are."""

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from interviews.speech import audio
from tests.interviews.speech.sounds import element, make_mp4, make_ogg, make_webm


@pytest.mark.parametrize(
    ("content", "content_type", "seconds"),
    [
        (make_webm(seconds=3), "audio/webm", 2.98),
        (make_webm(seconds=61.5, is_live=False), "audio/webm", 61.48),
        (make_ogg(seconds=3), "audio/ogg", 3),
        (make_mp4(seconds=3), "audio/mp4", 3),
    ],
)
def test_the_container_tells_type_and_length(content, content_type, seconds):
    sound = audio.inspect(content)
    assert (sound.content_type, sound.seconds) == (content_type, pytest.approx(seconds))


def test_an_mp4_written_live_does_not_tell_its_length():
    assert audio.inspect(make_mp4(seconds=0)).seconds is None


def test_a_recording_that_was_cut_off_is_as_long_as_what_is_whole():
    content = make_webm(seconds=3)
    assert audio.inspect(content[: len(content) // 2]).seconds == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"\x1a\x45\xdf\xa3",
        make_webm(doc_type=b"matroska"),
        make_webm(codecs=(b"A_VORBIS",)),
        make_webm(codecs=(b"A_OPUS", b"V_VP8")),
        make_webm(seconds=0),
        make_ogg(codec=b"\x01vorbis\0"),
        make_ogg(seconds=0),
        make_mp4(handlers=(b"soun", b"vide")),
        make_mp4(handlers=()),
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(audio.NotSound):
        audio.inspect(content)


@examples(max_examples=200)
@given(
    st.sampled_from([make_webm(seconds=0.1), make_ogg(seconds=0.1), make_mp4(seconds=1)]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=6),
)
def test_damaged_bytes_are_read_or_refused_and_nothing_else(content, damages):
    damaged = bytearray(content)
    for at, some in damages:
        damaged[at : at + len(some)] = some
    try:
        assert (audio.inspect(bytes(damaged)).seconds or 0) >= 0
        audio.with_duration(bytes(damaged))
    except audio.NotSound:
        pass


@pytest.mark.parametrize("id", ["2ad7b1", "e7"])
def test_a_number_without_end_is_refused(id):
    with pytest.raises(audio.NotSound):
        audio.inspect(make_webm() + element(id, b"\xff" * 500) + element("a3", b"\x81\0\x01\x80"))


def test_many_tiny_elements_cost_no_time():
    with pytest.raises(audio.NotSound):
        audio.inspect(make_webm(seconds=1) + bytes.fromhex("ec80") * 500_000)


def test_a_live_recording_gets_its_duration_and_stays_the_same_sound():
    content = make_webm(seconds=3)
    whole = audio.with_duration(content)
    assert len(whole) == len(content) + 11
    durations = [one.body for one in audio._elements(whole) if one.id == audio.DURATION]
    assert durations == [bytes.fromhex("40a7480000000000")]  # 2980 ms
    assert audio.inspect(whole) == audio.inspect(content)
    assert audio.with_duration(whole) == whole


@pytest.mark.parametrize("content", [make_webm(is_live=False), make_ogg(), make_mp4(), b"anything"])
def test_other_content_is_left_alone(content):
    assert audio.with_duration(content) == content
