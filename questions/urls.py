from django.urls import path

from questions import views

app_name = "questions"
urlpatterns = [
    path("questions/python-worker.js", views.python_worker, name="python_worker"),
    path("questions/sql-worker.js", views.sql_worker, name="sql_worker"),
    path("questions/figures/<slug:digest>/", views.figure, name="figure"),
    path("questions/problems/", views.flags, name="flags"),
    path("questions/problems/<str:reference>/", views.flag, name="flag"),
]
