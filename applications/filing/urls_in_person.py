"""In-person applications, registered by the school."""

from django.urls import path

from applications.filing.views import in_person, in_person_start

app_name = "in_person"
one = "school/in-person/<uuid:public_id>/"
urlpatterns = [
    path("school/in-person/", in_person_start.start, name="start"),
    path(one + "done/", in_person.done, name="done"),
    path(one + "delete/", in_person.delete, name="delete"),
    path(one + "documents/<uuid:document_id>/", in_person.document, name="document"),
    path(one + "documents/<uuid:document_id>/print/", in_person.small, name="print"),
    path(one + "documents/<slug:slot>/upload/", in_person.upload, name="upload"),
    path(one + "<slug:page>/", in_person.page, name="page"),
]
