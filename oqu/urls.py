from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("schools.urls")),
    path("", include("notifications.urls")),
    path("", include("applications.urls")),
]
