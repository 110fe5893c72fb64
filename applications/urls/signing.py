"""Signing: the person's pages and the two addresses that eGov Mobile calls."""

from django.urls import path

from applications.views import egov_mobile, signing

app_name = "signing"
urlpatterns = [
    path("sign/<uuid:public_id>/<str:purpose>/", signing.start, name="start"),
    path("sign/<str:token>/", signing.page, name="page"),
    path("sign/<str:token>/complete/", signing.complete, name="complete"),
    path("sign/<str:token>/status/", signing.status, name="status"),
    path("sign/<str:token>/check/", signing.check, name="check"),
    path("sign/<str:token>/document/", signing.document, name="document"),
    path("egov-sign/mgovSign/<str:token>", egov_mobile.mobile, name="mobile"),
    path("egov-sign/documents/<str:token>", egov_mobile.documents, name="mobile_documents"),
]
