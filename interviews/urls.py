"""Every wing's addresses; their names are the app's."""

from django.urls import include, path

app_name = "interviews"
urlpatterns = [
    path("", include("interviews.plan.urls")),
    path("", include("interviews.sitting.urls")),
    path("", include("interviews.speech.urls")),
    path("", include("interviews.results.urls")),
    path("", include("interviews.interviewer.urls")),
    path("", include("interviews.report.urls")),
    path("", include("interviews.coaching.urls")),
    path("", include("interviews.notices.urls")),
    path("", include("interviews.records.urls")),
]
