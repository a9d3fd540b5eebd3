from django.urls import path

from interviews.speech.views import recordings, transcripts

urlpatterns = [
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/",
        recordings.recording,
        name="recording",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/part/",
        recordings.recording_part,
        name="recording_part",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/finish/",
        recordings.finish_recording,
        name="finish_recording",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/delete/",
        recordings.delete_recording,
        name="delete_recording",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/transcript/",
        transcripts.correct_transcript,
        name="correct_transcript",
    ),
    path(
        "interviews/<uuid:public_id>/questions/<int:position>/recordings/<uuid:recording_id>/transcript/panel/",
        transcripts.transcript_panel,
        name="transcript_panel",
    ),
]
