from django.urls import path

from interviews.plan.views import dashboard, setup, site

urlpatterns = [
    path("", site.landing, name="landing"),
    path("manifest.webmanifest", site.manifest, name="manifest"),
    path("styleguide/", site.styleguide, name="styleguide"),
    path("interviews/", dashboard.dashboard, name="dashboard"),
    path("interviews/new/", setup.interview_new, name="interview_new"),
    path("interviews/new/panel/", setup.setup_panel, name="setup_panel"),
]
