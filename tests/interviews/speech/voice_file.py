"""A person who reads: samples/README.md says who and from where."""

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
VOICE = SAMPLES / "voice.ogg"


def words_in_voice() -> str:
    return (SAMPLES / "voice.txt").read_text()
