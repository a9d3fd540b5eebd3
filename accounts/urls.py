from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings_page"),
    path("settings/timers/", views.timers, name="timers"),
    path("settings/sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("settings/sessions/end/", views.end_all_sessions, name="end_all_sessions"),
    path("development/mail/", views.development_mail, name="development_mail"),
]
