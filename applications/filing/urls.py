"""The wizard: begun, filled in, brought to its signature."""

from django.urls import path

from applications.filing.views import address, consents, documents, sign, wizard
from applications.models import Purpose

app_name = "filing"
one = "applications/<uuid:public_id>/"
urlpatterns = [
    path("applications/new/", wizard.start, name="start"),
    path("applications/new/consents/", consents.page, name="consents"),
    path(one + "documents/<uuid:document_id>/", documents.view, name="document"),
    path(one + "documents/<uuid:document_id>/print/", documents.small, name="print"),
    path(one + "documents/<slug:slot>/upload/", documents.upload, name="upload"),
    path(one + "way/address/", address.ask, name="ask_address"),
    path(one + "<slug:page>/", wizard.step, name="step"),
    path(f"sign/<uuid:public_id>/{Purpose.APPLICATION}/", sign.application, name="sign"),
]
