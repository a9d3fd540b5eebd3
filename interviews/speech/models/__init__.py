from interviews.speech.models.recording import (
    FOLDER,
    LARGEST_BYTES,
    LARGEST_PART_BYTES,
    LONGEST_SECONDS,
    UNFINISHED_KEPT,
    Recording,
    RecordingPart,
    file_name,
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
    "LARGEST_BYTES",
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
    "spoken_text",
]
