"""Signing: the person's pages and the two addresses that eGov Mobile calls."""

from django.urls import path

from applications.views import bulk, egov_mobile, signing, signing_start

app_name = "signing"
urlpatterns = [
    path("sign/<uuid:public_id>/<str:purpose>/", signing_start.start, name="start"),
    path("sign/<token:token>/", signing.page, name="page"),
    path("sign/<token:token>/complete/", signing.complete, name="complete"),
    path("sign/<token:token>/status/", signing.status, name="status"),
    path("sign/<token:token>/check/", signing.check, name="check"),
    path("sign/<token:token>/result/", bulk.result, name="result"),
    path("sign/<token:token>/documents/<int:number>/", signing.document, name="document"),
    path("egov-sign/mgovSign/<token:token>", egov_mobile.mobile, name="mobile"),
    path("egov-sign/documents/<token:token>", egov_mobile.documents, name="mobile_documents"),
]
