from django.urls import include, path

from interviews.plan.views import dashboard, debriefs, learn, plan, setup, site

urlpatterns = [
    path("", include("interviews.plan.library.urls")),
    path("", site.landing, name="landing"),
    path("learn/", learn.learn, name="learn"),
    path("learn/<slug:slug>/", learn.learn_question, name="learn_question"),
    path("manifest.webmanifest", site.manifest, name="manifest"),
    path("styleguide/", site.styleguide, name="styleguide"),
    path("interviews/", dashboard.dashboard, name="dashboard"),
    path("interviews/start/", setup.start, name="start"),
    path("interviews/new/", setup.interview_new, name="interview_new"),
    path("interviews/new/panel/", setup.setup_panel, name="setup_panel"),
    path("plan/", plan.plan, name="plan"),
    path("plan/calendar/", plan.make_feed, name="make_feed"),
    path("plan/calendar/revoke/", plan.revoke_feed, name="revoke_feed"),
    path("plan/calendar/<str:token>.ics", plan.calendar_feed, name="calendar_feed"),
    path("plan/debriefs/", debriefs.debriefs, name="debriefs"),
    path("plan/debriefs/<int:pk>/delete/", debriefs.delete_debrief, name="delete_debrief"),
]
