from interviews.interviewer.models.again import SecondTry
from interviews.interviewer.models.asked import ModelCall, ModelConsent, ModelTrial
from interviews.interviewer.models.found import PointExample, PointSuggestion

__all__ = ["ModelCall", "ModelConsent", "ModelTrial", "PointExample", "PointSuggestion", "SecondTry"]
