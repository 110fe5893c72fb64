from django.urls import path

from applications.family import views

app_name = "family"
urlpatterns = [
    path("profile/data/", views.data, name="data"),
    path("profile/data/<uuid:public_id>/", views.file, name="file"),
]
