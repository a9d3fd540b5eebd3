from django.urls import path

from accounts import views

# Before allauth's own, and under its names.
entrance = [
    path("login/", views.log_in, name="account_login"),
    path("login/turn/", views.log_in_turn, name="account_login_turn"),
]

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings_page"),
    path("settings/timers/", views.timers, name="timers"),
    path("settings/sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("settings/sessions/end/", views.end_all_sessions, name="end_all_sessions"),
    path("development/mail/", views.development_mail, name="development_mail"),
]
