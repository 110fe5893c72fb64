from django.urls import path

from applications.models import Purpose
from applications.review.views import (
    decision,
    department,
    desk,
    exports,
    grounds,
    listing,
    many,
    notes,
    protection,
    tables,
)

app_name = "review"
urlpatterns = [
    path("school/", listing.queue, name="queue"),
    path("school/search/", listing.search, name="search"),
    path("school/export/", exports.queue, name="export_queue"),
    path("school/export/admitted/", exports.admitted, name="export_admitted"),
    path("school/tables/", tables.every, name="tables"),
    path("school/tables/<uuid:public_id>/", tables.file, name="table"),
    path("school/tables/<uuid:public_id>/again/", tables.again, name="order_table_again"),
    path("department/", department.schools, name="department"),
    path("department/export/", exports.department, name="export_department"),
    path("department/protections/", protection.protections, name="protections"),
    path("department/protections/<int:protection_id>/lift/", protection.lift, name="lift_protection"),
    path("staff/grounds/", grounds.every, name="grounds"),
    path("staff/grounds/new/", grounds.new, name="new_ground"),
    path("staff/grounds/<int:ground_id>/", grounds.one, name="ground"),
    path("staff/grounds/<int:ground_id>/end/", grounds.end, name="end_ground"),
    path("school/sign/", many.confirm, name="bulk"),
    path("school/applications/<uuid:public_id>/", desk.application, name="application"),
    path("school/applications/<uuid:public_id>/decision/", decision.decide, name="decide"),
    path("school/applications/<uuid:public_id>/sign/", decision.sign, name="sign"),
    path(f"sign/<uuid:public_id>/{Purpose.DECISION}/", decision.sign_decision, name="sign_decision"),
    path("school/applications/<uuid:public_id>/decided/", decision.decided, name="decided"),
    path("school/applications/<uuid:public_id>/called/", desk.called, name="called"),
    path("school/applications/<uuid:public_id>/notes/", notes.write, name="write_note"),
    path("school/applications/<uuid:public_id>/notes/delete/", notes.delete, name="delete_note"),
    path("school/applications/<uuid:public_id>/return/", decision.send_back, name="return"),
    path(
        "school/applications/<uuid:public_id>/documents/<uuid:document_id>/",
        desk.document,
        name="document",
    ),
    path(
        "school/applications/<uuid:public_id>/documents/<uuid:document_id>/pictures/<int:number>/",
        desk.picture,
        name="picture",
    ),
    path("school/applications/<uuid:public_id>/paper/<str:kind>/", desk.paper, name="paper"),
]
