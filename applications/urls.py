"""The faces of the service, a room each with names of its own."""

from django.urls import include, path, register_converter

from applications.converters import Token

register_converter(Token, "token")

urlpatterns = [
    path("", include("applications.public.urls")),  # home, service page, schedule, questions, «before»
    path("", include("applications.cabinet.urls")),  # the parent's applications after they are begun
    path("", include("applications.family.urls")),  # all that is held about a family, for them
    path("", include("applications.filing.urls")),  # the four steps
    path("", include("applications.filing.urls_in_person")),  # the same at school, from paper
    path("", include("applications.review.urls")),  # the school's cabinet, the department's page
    path("", include("applications.keepers.urls")),  # address lists and the catalogue, for who keeps them
    path("", include("applications.signing.urls")),  # signing pages and eGov Mobile's API
    path("", include("applications.papers.urls")),  # public check of papers
]
