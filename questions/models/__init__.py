from questions.models.question import (
    Category,
    Level,
    Misconception,
    Option,
    Question,
    QuestionVersion,
    RubricPoint,
    Status,
    VersionTopic,
)
from questions.models.topic import Topic
from questions.models.track import Track, TrackSection

__all__ = [
    "Category",
    "Level",
    "Misconception",
    "Option",
    "Question",
    "QuestionVersion",
    "RubricPoint",
    "Status",
    "Topic",
    "Track",
    "TrackSection",
    "VersionTopic",
]
