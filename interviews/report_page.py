class ReportPage:
    @classmethod
    def of(cls, report, user):
        return None
