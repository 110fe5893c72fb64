"""The education department's page."""

from django.urls import path

from applications.views import department

app_name = "department"
urlpatterns = [path("department/", department.schools, name="schools")]
