from django.urls import include, path

from interviews.plan.views import dashboard, learn, setup, site

urlpatterns = [
    path("", include("interviews.plan.library.urls")),
    path("", site.landing, name="landing"),
    path("learn/", learn.learn, name="learn"),
    path("learn/<slug:slug>/", learn.learn_question, name="learn_question"),
    path("manifest.webmanifest", site.manifest, name="manifest"),
    path("styleguide/", site.styleguide, name="styleguide"),
    path("interviews/", dashboard.dashboard, name="dashboard"),
    path("interviews/new/", setup.interview_new, name="interview_new"),
    path("interviews/new/panel/", setup.setup_panel, name="setup_panel"),
]
