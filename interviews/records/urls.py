from django.urls import path

from interviews.records import views

urlpatterns = [
    path("settings/data/", views.your_data, name="your_data"),
    path("settings/data/panel/", views.export_panel, name="export_panel"),
    path("settings/data/export/", views.request_export, name="request_export"),
    path("settings/data/export/<uuid:public_id>/", views.download_export, name="download_export"),
    path("settings/data/delete/", views.delete_account, name="delete_account"),
    path("settings/data/delete/now/", views.delete_now, name="delete_now"),
    path("settings/data/keep/", views.keep_account, name="keep_account"),
]
