from django.urls import include, path

from oqu import health

urlpatterns = [
    path("healthz", health.answer, name="healthz"),
    path("", include("accounts.urls")),
    path("", include("schools.urls")),
    path("", include("notifications.urls")),
    path("", include("applications.urls")),
]
