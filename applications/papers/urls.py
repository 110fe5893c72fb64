from django.urls import path

from applications.papers import views

app_name = "papers"
urlpatterns = [
    path("check/", views.form, name="form"),
    path("check/<str:token>/", views.paper, name="paper"),
]
