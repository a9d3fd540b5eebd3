from interviews.interviewer.models.again import SecondTry
from interviews.interviewer.models.found import PointExample, PointSuggestion

__all__ = ["PointExample", "PointSuggestion", "SecondTry"]
