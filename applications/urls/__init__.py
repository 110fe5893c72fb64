"""The faces of the service, each with its own names: public pages, the parent's, the school's, the
department's, signing."""

from django.urls import include, path, register_converter

from applications.urls.converters import Token

register_converter(Token, "token")

urlpatterns = [
    path("", include("applications.urls.service")),  # home, service page, schedule, questions
    path("", include("applications.urls.parent")),  # wizard and cabinet
    path("", include("applications.urls.review")),  # the school's cabinet
    path("", include("applications.urls.in_person")),  # paper applications, registered at school
    path("", include("applications.urls.department")),  # the education department's page
    path("", include("applications.urls.signing")),  # signing pages and eGov Mobile's API
    path("", include("applications.urls.verify")),  # public check of papers
]
