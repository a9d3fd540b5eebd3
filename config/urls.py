from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

import accounts.urls

# allauth's limits do not cover the admin's own log-in: everybody enters by the same door.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.site_header = admin.site.site_title = "Holdout"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include(accounts.urls.entrance)),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("questions.urls")),
    path("", include("interviews.urls")),
]
