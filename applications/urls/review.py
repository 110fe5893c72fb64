from django.urls import path

from applications.views import bulk, review

app_name = "review"
urlpatterns = [
    path("school/", review.queue, name="queue"),
    path("school/sign/", bulk.confirm, name="bulk"),
    path("school/applications/<uuid:public_id>/", review.application, name="application"),
    path("school/applications/<uuid:public_id>/decision/", review.decide, name="decide"),
    path("school/applications/<uuid:public_id>/sign/", review.sign, name="sign"),
    path("school/applications/<uuid:public_id>/decided/", review.decided, name="decided"),
    path("school/applications/<uuid:public_id>/return/", review.send_back, name="return"),
    path(
        "school/applications/<uuid:public_id>/documents/<uuid:document_id>/",
        review.document,
        name="document",
    ),
    path("school/applications/<uuid:public_id>/paper/<str:kind>/", review.paper, name="paper"),
]
