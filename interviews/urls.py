from django.urls import path

from interviews.views import dashboard, interview, report, results

app_name = "interviews"
urlpatterns = [
    path("", dashboard.landing, name="landing"),
    path("interviews/", dashboard.dashboard, name="dashboard"),
    path("interviews/new/", interview.interview_new, name="interview_new"),
    path("interviews/new/panel/", interview.setup_panel, name="setup_panel"),
    path("interviews/<uuid:public_id>/", interview.interview, name="interview"),
    path("interviews/<uuid:public_id>/panel/", interview.interview_panel, name="interview_panel"),
    path("interviews/<uuid:public_id>/clock/", interview.clock, name="clock"),
    path("interviews/<uuid:public_id>/pause/", interview.pause, name="pause"),
    path("interviews/<uuid:public_id>/resume/", interview.resume, name="resume"),
    path("interviews/<uuid:public_id>/finish/", interview.finish, name="finish"),
    path("interviews/<uuid:public_id>/questions/<int:position>/save/", interview.save, name="save"),
    path("interviews/<uuid:public_id>/questions/<int:position>/submit/", interview.submit, name="submit"),
    path("interviews/<uuid:public_id>/questions/<int:position>/skip/", interview.skip, name="skip"),
    path("interviews/<uuid:public_id>/questions/<int:position>/next/", interview.go_on, name="go_on"),
    path("interviews/<uuid:public_id>/results/", results.results, name="results"),
    path("interviews/<uuid:public_id>/results/<int:position>/self-score/", results.self_score, name="self_score"),
    path("interviews/<uuid:public_id>/results/<int:position>/reveal/", results.reveal, name="reveal"),
    path("report/", report.report, name="report"),
    path("report/panel/", report.report_panel, name="report_panel"),
    path("report/target/", report.report_target, name="report_target"),
    path("report.json", report.report_json, name="report_json"),
]
