from django.urls import path

from interviews.notices import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_notices, name="read_notices"),
    path("notices/settings/", views.notice_settings, name="notice_settings"),
    path("notices/<int:pk>/open/", views.open_notice, name="open_notice"),
]
