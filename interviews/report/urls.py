from django.urls import path

from interviews.report.views import practice, report, sharing

urlpatterns = [
    path("report/", report.report, name="report"),
    path("report/panel/", report.report_panel, name="report_panel"),
    path("report/evidence/<slug:claim>/", report.report_evidence, name="report_evidence"),
    path("report/evidence/<slug:claim>/panel/", report.report_evidence_panel, name="report_evidence_panel"),
    path("report/target/", report.report_target, name="report_target"),
    path("report.json", report.report_json, name="report_json"),
    path("report.csv", report.report_csv, name="report_csv"),
    path("report/missed.apkg", report.missed_questions, name="missed_questions"),
    path("report/missed.txt", report.missed_questions_text, name="missed_questions_text"),
    path("report/share/", sharing.report_share, name="report_share"),
    path("report/share/<int:pk>/revoke/", sharing.revoke_share, name="revoke_share"),
    path("shared/<str:token>/", sharing.shared_report, name="shared_report"),
    path("practice/", practice.practise, name="practise"),
]
