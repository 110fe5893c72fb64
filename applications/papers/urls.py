from django.urls import path

from applications.papers import views

app_name = "papers"
urlpatterns = [
    path("check/", views.form, name="form"),
    path("seal/", views.certificates, name="certificates"),
    path("seal/<slug:key_id>.crt", views.certificate, name="certificate"),
    path("check/<str:token>/", views.paper, name="paper"),
]
