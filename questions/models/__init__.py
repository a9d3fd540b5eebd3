from questions.models.curation import Status, VersionComment, VersionEvent
from questions.models.figure import Figure, VersionFigure
from questions.models.flag import MAX_COMMENT, QuestionFlag, TooManyFlags
from questions.models.parts import Misconception, Option, RubricPoint, VersionTopic
from questions.models.question import (
    Category,
    Level,
    Question,
    QuestionVersion,
    in_section,
    on_topics,
)
from questions.models.read_once import asked_version, whole_versions
from questions.models.statistics import (
    Difficulties,
    DifficultySnapshot,
    ForgottenAttempt,
    QuestionDifficulty,
    QuestionStatistics,
    current_difficulties,
    difficulties_of,
)
from questions.models.topic import Topic
from questions.models.track import Track, TrackSection
from questions.models.upload import QuestionUpload, UploadedQuestion

__all__ = [
    "MAX_COMMENT",
    "Category",
    "Difficulties",
    "DifficultySnapshot",
    "Figure",
    "ForgottenAttempt",
    "Level",
    "Misconception",
    "Option",
    "Question",
    "QuestionDifficulty",
    "QuestionFlag",
    "QuestionStatistics",
    "QuestionUpload",
    "QuestionVersion",
    "RubricPoint",
    "Status",
    "TooManyFlags",
    "Topic",
    "Track",
    "TrackSection",
    "UploadedQuestion",
    "VersionComment",
    "VersionEvent",
    "VersionFigure",
    "VersionTopic",
    "asked_version",
    "current_difficulties",
    "difficulties_of",
    "in_section",
    "on_topics",
    "whole_versions",
]
