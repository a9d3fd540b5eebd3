from django.urls import path

from interviews.interviewer import views

urlpatterns = [
    path("settings/language-model/", views.language_model, name="language_model"),
    path("interviews/<uuid:public_id>/results/<int:position>/points/<int:pk>/again/", views.again, name="again"),
    path(
        "interviews/<uuid:public_id>/results/<int:position>/points/<int:pk>/again/start/",
        views.start_again,
        name="start_again",
    ),
    path(
        "interviews/<uuid:public_id>/results/<int:position>/points/<int:pk>/again/save/",
        views.save_again,
        name="save_again",
    ),
    path(
        "interviews/<uuid:public_id>/results/<int:position>/points/<int:pk>/again/mark/",
        views.mark_again,
        name="mark_again",
    ),
]
