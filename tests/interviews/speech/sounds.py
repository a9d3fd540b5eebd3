"""Small recordings, made by hand: as browsers write them, without a microphone."""

import struct

PACKET = bytes.fromhex("f8fffe")  # 20 ms of silence in Opus


def element(id: str, body: bytes, *, is_live: bool = False) -> bytes:
    size = b"\x01" + b"\xff" * 7 if is_live else (1 << 56 | len(body)).to_bytes(8)
    return bytes.fromhex(id) + size + body


def make_webm(
    *, seconds: float = 3, doc_type: bytes = b"webm", codecs: tuple[bytes, ...] = (b"A_OPUS",), is_live: bool = True
) -> bytes:
    """A block every 20 ms, a cluster a second. Live: of unknown size and duration, as MediaRecorder writes it."""
    head = element("1a45dfa3", element("4282", doc_type))
    info = element("1549a966", element("2ad7b1", (1_000_000).to_bytes(3)) + element("4d80", b"test"))
    tracks = element("1654ae6b", b"".join(element("ae", element("86", codec)) for codec in codecs))
    clusters = b""
    for start in range(0, max(round(seconds * 1000), 1), 1000):
        times = range(0, min(1000, round(seconds * 1000) - start), 20)
        blocks = b"".join(element("a3", b"\x81" + struct.pack(">h", time) + b"\x80" + PACKET) for time in times)
        clusters += element("1f43b675", element("e7", start.to_bytes(4)) + blocks, is_live=is_live)
    return head + element("18538067", info + tracks + clusters, is_live=is_live)


def make_ogg(*, seconds: float = 3, codec: bytes = b"OpusHead") -> bytes:
    def page(granule: int, body: bytes) -> bytes:
        return b"OggS\0\0" + struct.pack("<qIIIB", granule, 1, 0, 0, 1) + bytes([len(body)]) + body

    head = codec + b"\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)
    pages = [page(312 + 960 * number, PACKET) for number in range(1, round(seconds * 50) + 1)]
    return page(0, head) + page(0, b"OpusTags") + b"".join(pages)


def make_mp4(*, handlers: tuple[bytes, ...] = (b"soun",), seconds: float = 0) -> bytes:
    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body) + 8, kind) + body

    times = struct.pack(">IIIII", 0, 0, 0, 1000, round(seconds * 1000))
    tracks = b"".join(
        box(b"trak", box(b"mdia", box(b"mdhd", times) + box(b"hdlr", b"\0" * 8 + one))) for one in handlers
    )
    return box(b"ftyp", b"iso5") + box(b"moov", tracks) + box(b"mdat", b"\0" * 50)
