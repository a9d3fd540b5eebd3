from django.urls import path

from interviews.plan.library import views

urlpatterns = [
    path("library/", views.library, name="library"),
    path("library/deck.apkg", views.library_deck, name="library_deck"),
    path("library/misconceptions/", views.misconceptions, name="misconceptions"),
    path("library/sheets/<slug:slug>/", views.track_sheet, name="track_sheet"),
    path("library/questions/<slug:slug>/", views.library_question, name="library_question"),
    path("library/questions/<slug:slug>/study/", views.library_study, name="library_study"),
    path("library/questions/<slug:slug>/bookmark/", views.library_bookmark, name="library_bookmark"),
    path("library/questions/<slug:slug>/note/", views.library_note, name="library_note"),
]
