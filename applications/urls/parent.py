"""The parent's pages: the cabinet and the wizard."""

from django.urls import path

from applications.views import cabinet, documents, wizard

app_name = "parent"
one = "applications/<uuid:public_id>/"
urlpatterns = [
    path("applications/", cabinet.applications, name="applications"),
    path("applications/new/", wizard.start, name="start"),
    path(one, cabinet.application, name="application"),
    path(one + "result/", cabinet.result, name="result"),
    path(one + "delete/", cabinet.delete_draft, name="delete_draft"),
    path(one + "withdraw/", cabinet.withdraw, name="withdraw"),
    path(one + "reapply/", cabinet.reapply, name="reapply"),
    path(one + "paper/<slug:kind>/", cabinet.receipt, name="receipt"),
    path(one + "documents/<uuid:document_id>/", documents.view, name="document"),
    path(one + "documents/<slug:slot>/upload/", documents.upload, name="upload"),
    path(one + "<slug:page>/", wizard.step, name="step"),
]
