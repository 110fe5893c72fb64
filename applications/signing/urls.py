"""Signing: the person's pages and the two addresses that eGov Mobile calls."""

from django.urls import path

from applications.signing.views import egov_mobile, pages, result

app_name = "signing"
urlpatterns = [
    path("sign/<token:token>/", pages.page, name="page"),
    path("sign/<token:token>/complete/", pages.complete, name="complete"),
    path("sign/<token:token>/status/", pages.status, name="status"),
    path("sign/<token:token>/check/", pages.check, name="check"),
    path("sign/<token:token>/result/", result.result, name="result"),
    path("sign/<token:token>/documents/<int:number>/", pages.document, name="document"),
    path("egov-sign/mgovSign/<token:token>", egov_mobile.mobile, name="mobile"),
    path("egov-sign/documents/<token:token>", egov_mobile.documents, name="mobile_documents"),
]
