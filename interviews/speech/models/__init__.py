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
    answer_text,
    finished_recordings,
    heard_recordings,
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
    "answer_text",
    "file_name",
    "finished_recordings",
    "heard_recordings",
    "largest_bytes",
    "longest_seconds",
]
