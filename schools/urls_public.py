"""The public catalogue: open to everybody, also by programs."""

from django.urls import path, re_path

from schools.views import catalogue, open_data

app_name = "catalogue"
urlpatterns = [
    path("schools/", catalogue.schools, name="schools"),
    re_path(r"^schools/(?P<number>\d{12})/$", catalogue.school, name="school"),
    path("schools/data/", open_data.about, name="data"),
    path("schools/data/schools.csv", open_data.schools_csv, name="schools_csv"),
    path("schools/data/schools.json", open_data.schools_json, name="schools_json"),
    path("schools/data/microdistricts.csv", open_data.microdistricts_csv, name="microdistricts_csv"),
]
