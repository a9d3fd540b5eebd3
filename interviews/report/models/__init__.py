from interviews.report.models.practice import PracticeCard
from interviews.report.models.report import WeaknessReport
from interviews.report.models.share import ReportShare

__all__ = ["PracticeCard", "ReportShare", "WeaknessReport"]
