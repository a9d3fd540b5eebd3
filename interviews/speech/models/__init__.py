from interviews.speech.models.recording import (
    FOLDER,
    LARGEST_PART_BYTES,
    LONGEST_SECONDS,
    UNFINISHED_KEPT,
    Recording,
    RecordingPart,
    file_name,
    largest_bytes,
    longest_seconds,
)
from interviews.speech.models.transcript import (
    Transcript,
    TranscriptCorrection,
    finished_recordings,
    heard_recordings,
    spoken_text,
)

__all__ = [
    "FOLDER",
    "LARGEST_PART_BYTES",
    "LONGEST_SECONDS",
    "UNFINISHED_KEPT",
    "Recording",
    "RecordingPart",
    "Transcript",
    "TranscriptCorrection",
    "file_name",
    "finished_recordings",
    "heard_recordings",
    "largest_bytes",
    "longest_seconds",
    "spoken_text",
]
