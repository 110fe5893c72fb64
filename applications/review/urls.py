from django.urls import path

from applications.models import Purpose
from applications.review.views import department, desk, many

app_name = "review"
urlpatterns = [
    path("school/", desk.queue, name="queue"),
    path("department/", department.schools, name="department"),
    path("school/sign/", many.confirm, name="bulk"),
    path("school/applications/<uuid:public_id>/", desk.application, name="application"),
    path("school/applications/<uuid:public_id>/decision/", desk.decide, name="decide"),
    path("school/applications/<uuid:public_id>/sign/", desk.sign, name="sign"),
    path(f"sign/<uuid:public_id>/{Purpose.DECISION}/", desk.sign_decision, name="sign_decision"),
    path("school/applications/<uuid:public_id>/decided/", desk.decided, name="decided"),
    path("school/applications/<uuid:public_id>/called/", desk.called, name="called"),
    path("school/applications/<uuid:public_id>/return/", desk.send_back, name="return"),
    path(
        "school/applications/<uuid:public_id>/documents/<uuid:document_id>/",
        desk.document,
        name="document",
    ),
    path("school/applications/<uuid:public_id>/paper/<str:kind>/", desk.paper, name="paper"),
]
