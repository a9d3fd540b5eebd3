from django.urls import path

from interviews.plan.views import dashboard, debriefs, plan, setup, site

urlpatterns = [
    path("", site.landing, name="landing"),
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
