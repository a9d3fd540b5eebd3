from django.urls import path

from interviews.results.views import feedback, replay, results

urlpatterns = [
    path("interviews/<uuid:public_id>/questions/<int:position>/feedback/", feedback.feedback, name="feedback"),
    path("interviews/<uuid:public_id>/questions/<int:position>/one-more/", feedback.one_more, name="one_more"),
    path("interviews/<uuid:public_id>/results/", results.results, name="results"),
    path("interviews/<uuid:public_id>/results/changed/panel/", results.changed_panel, name="changed_panel"),
    path("interviews/<uuid:public_id>/results/<int:position>/panel/", results.result_panel, name="result_panel"),
    path("interviews/<uuid:public_id>/results/<int:position>/self-score/", results.self_score, name="self_score"),
    path("interviews/<uuid:public_id>/results/<int:position>/reveal/", results.reveal, name="reveal"),
    path("interviews/<uuid:public_id>/results/<int:position>/replay/", replay.replay, name="replay"),
]
