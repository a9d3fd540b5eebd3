from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings_page"),
    path("settings/timers/", views.timers, name="timers"),
    path("development/mail/", views.development_mail, name="development_mail"),
]
