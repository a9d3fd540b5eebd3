"""What the bytes of a recording are: Opus in WebM or Ogg, or sound in MP4. Small readers of our own, without Django.

No size or count in the bytes is believed: every loop ends with the bytes that are there, or after MOST_ELEMENTS.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

# Ninety minutes in packets of 20 ms are 270,000 elements.
MOST_ELEMENTS = 400_000


EXTENSIONS = {"audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a"}


class NotSound(ValueError):
    """The bytes are nothing that we take. The message is for the person who sent them."""


@dataclass(frozen=True, slots=True)
class Sound:
    content_type: str  # one of EXTENSIONS
    seconds: float | None  # None: this container does not say it in a way that we read


def inspect(content: bytes) -> Sound:
    """Looks at the content, never at what a page says it is. Raises NotSound."""
    try:
        if content[:4] == b"\x1a\x45\xdf\xa3":
            return _webm(content)
        if content[:4] == b"OggS":
            return _ogg(content)
        if content[4:8] == b"ftyp":
            return _mp4(content)
    except (IndexError, struct.error) as error:
        raise NotSound("The recording is damaged.") from error
    raise NotSound("Holdout can’t use this recording. It needs Opus in WebM or Ogg, or sound in MP4.")


# --- WebM -------------------------------------------------------------------------------------------
# https://www.rfc-editor.org/rfc/rfc8794 (EBML) and https://www.rfc-editor.org/rfc/rfc9559 (Matroska)

SEGMENT, INFO, CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
# Entered rather than skipped, so that it does not matter whether a live recorder knew their sizes.
ENTERED = {0x1A45DFA3, SEGMENT, INFO, CLUSTER, 0x1654AE6B, 0xAE, 0xA0}  # …, Tracks, TrackEntry, BlockGroup
DOC_TYPE, TIMESTAMP_SCALE, DURATION, CODEC, CLUSTER_TIME = 0x4282, 0x2AD7B1, 0x4489, 0x86, 0xE7
BLOCKS = {0xA3, 0xA1}


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    at: int
    body_at: int
    body: bytes  # empty for those that are entered
    has_size: bool


def _elements(content: bytes) -> Iterator[_Element]:
    """In file order, without nesting. A file that was cut off ends with what it has whole."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        if at >= len(content):
            return
        id_end = at + _width(content[at])
        if id_end >= len(content):
            return
        width = _width(content[id_end])
        size_bytes = content[id_end : id_end + width]
        mask = (1 << 7 * width) - 1
        size = int.from_bytes(size_bytes) & mask
        id, body_at = int.from_bytes(content[at:id_end]), id_end + width
        if id in ENTERED:
            yield _Element(id, at, body_at, b"", size != mask)
            at = body_at
            continue
        if body_at + size > len(content):
            return
        yield _Element(id, at, body_at, content[body_at : body_at + size], True)
        at = body_at + size
    raise NotSound("The recording is damaged.")


def _width(first: int) -> int:
    """Of a number whose leading zeros say how many bytes it has."""
    if first == 0:
        raise NotSound("The recording is damaged.")
    return 9 - first.bit_length()


def _number(body: bytes) -> int:
    if len(body) > 8:  # RFC 8794, section 7.2; more would be no float any more
        raise NotSound("The recording is damaged.")
    return int.from_bytes(body)


def _webm(content: bytes) -> Sound:
    doc_type, codecs, nanoseconds, cluster, last = b"", [], 1_000_000, 0, None
    for element in _elements(content):
        if element.id == DOC_TYPE:
            doc_type = element.body.rstrip(b"\0")
        elif element.id == CODEC:
            codecs.append(element.body.rstrip(b"\0"))
        elif element.id == TIMESTAMP_SCALE:
            nanoseconds = _number(element.body)
        elif element.id == CLUSTER_TIME:
            cluster = _number(element.body)
        elif element.id in BLOCKS:
            track_width = _width(element.body[0])
            (beside,) = struct.unpack_from(">h", element.body, track_width)
            last = max(last or 0, cluster + beside)
    if doc_type != b"webm" or codecs != [b"A_OPUS"]:
        raise NotSound("Holdout can’t use this recording. It needs one track of Opus, without a picture.")
    if last is None:
        raise NotSound("The recording has no sound.")
    return Sound("audio/webm", last * nanoseconds / 1e9)


def with_duration(content: bytes) -> bytes:
    """A live recorder does not know at its start how long it will go on, and a player then offers no position to
    jump to. This writes the duration into the head of such a WebM file; every other content stays as it is."""
    if content[:4] != b"\x1a\x45\xdf\xa3":
        return content
    elements = {}
    scale = 1_000_000
    for element in _elements(content):
        if element.id == CLUSTER:
            break
        elements[element.id] = element
        scale = _number(element.body) if element.id == TIMESTAMP_SCALE else scale
    segment, info = elements.get(SEGMENT), elements.get(INFO)
    is_live = segment and info and not segment.has_size and info.has_size and DURATION not in elements
    if not is_live or not scale:
        return content
    ticks = inspect(content).seconds * 1e9 / scale
    duration = bytes.fromhex("448988") + struct.pack(">d", ticks)
    size_at = info.at + 4
    width = info.body_at - size_at
    size = int.from_bytes(content[size_at : info.body_at]) & ((1 << 7 * width) - 1)
    new_size = (1 << 56 | size + len(duration)).to_bytes(8)
    return content[:size_at] + new_size + duration + content[info.body_at :]


# --- Ogg: https://www.rfc-editor.org/rfc/rfc3533 and https://www.rfc-editor.org/rfc/rfc7845 ------------


def _ogg(content: bytes) -> Sound:
    at, pre_skip, samples = 0, None, 0
    for _ in range(MOST_ELEMENTS):
        if content[at : at + 4] != b"OggS" or at + 27 > len(content):
            break
        (granule,) = struct.unpack_from("<q", content, at + 6)
        segments = content[at + 26]
        body_at = at + 27 + segments
        if pre_skip is None:
            if content[body_at : body_at + 8] != b"OpusHead":
                raise NotSound("Holdout can’t use this recording. In Ogg it takes only Opus.")
            (pre_skip,) = struct.unpack_from("<H", content, body_at + 10)
        samples = max(samples, granule)
        at = body_at + sum(content[at + 27 : body_at])
    if pre_skip is None or samples <= pre_skip:
        raise NotSound("The recording has no sound.")
    return Sound("audio/ogg", (samples - pre_skip) / 48_000)  # always counted at 48 kHz


# --- MP4: ISO/IEC 14496-12 ----------------------------------------------------------------------------

BOXES_ENTERED = {b"moov", b"trak", b"mdia"}


def _mp4(content: bytes) -> Sound:
    at, handlers, seconds, has_samples = 0, [], None, False
    for _ in range(MOST_ELEMENTS):
        if at + 8 > len(content):
            break
        size, kind = struct.unpack_from(">I4s", content, at)
        body_at = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, body_at)
            body_at += 8
        if kind == b"hdlr":
            handlers.append(content[body_at + 8 : body_at + 12])
        elif kind == b"mdhd":
            seconds = _mdhd_seconds(content, body_at)
        elif kind == b"mdat":
            has_samples = True
        if kind in BOXES_ENTERED:
            at = body_at
        elif size < 8:  # 0: it reaches to the end
            break
        else:
            at += size
    if handlers != [b"soun"] or not has_samples:
        raise NotSound("Holdout can’t use this recording. It needs one track of sound, without a picture.")
    return Sound("audio/mp4", seconds)


def _mdhd_seconds(content: bytes, at: int) -> float | None:
    """None in files that were written live: their head says 0."""
    layout, start = (">IQ", at + 20) if content[at] == 1 else (">II", at + 12)
    scale, duration = struct.unpack_from(layout, content, start)
    return duration / scale if scale and duration else None
