from django.urls import path

from interviews.sitting.views import interview, seat, trial

urlpatterns = [
    path("trial/", trial.trial, name="trial"),
    path("interviews/<uuid:public_id>/", interview.interview, name="interview"),
    path("interviews/<uuid:public_id>/panel/", interview.interview_panel, name="interview_panel"),
    path("interviews/<uuid:public_id>/clock/", interview.clock, name="clock"),
    path("interviews/<uuid:public_id>/write/", interview.write_instead, name="write_instead"),
    path("interviews/<uuid:public_id>/pause/", interview.pause, name="pause"),
    path("interviews/<uuid:public_id>/resume/", interview.resume, name="resume"),
    path("interviews/<uuid:public_id>/alone/", seat.end_seat, name="end_seat"),
    path("interviews/<uuid:public_id>/finish/", interview.finish, name="finish"),
    path("interviews/<uuid:public_id>/questions/<int:position>/save/", interview.save, name="save"),
    path("interviews/<uuid:public_id>/questions/<int:position>/submit/", interview.submit, name="submit"),
    path("interviews/<uuid:public_id>/questions/<int:position>/skip/", interview.skip, name="skip"),
    path("interviews/<uuid:public_id>/questions/<int:position>/hint/", interview.hint, name="hint"),
    path("interviews/<uuid:public_id>/questions/<int:position>/hint/panel/", interview.hint_panel, name="hint_panel"),
    path("interviews/<uuid:public_id>/questions/<int:position>/next/", interview.go_on, name="go_on"),
]
