from django.urls import path

from interviews.speech import views

urlpatterns = [
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/",
        views.recording,
        name="recording",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/part/",
        views.recording_part,
        name="recording_part",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/finish/",
        views.finish_recording,
        name="finish_recording",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/delete/",
        views.delete_recording,
        name="delete_recording",
    ),
]
