from django.urls import path

from applications.views import verify

app_name = "verify"
urlpatterns = [
    path("check/", verify.form, name="form"),
    path("check/<str:token>/", verify.paper, name="paper"),
]
