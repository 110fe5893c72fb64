"""What the parent sees of their applications, and does with them beside filing."""

from django.urls import path

from applications.cabinet import again, appeal, calendar, contest, supplement, views
from applications.models import Purpose

app_name = "cabinet"
one = "applications/<uuid:public_id>/"
urlpatterns = [
    path("applications/", views.applications, name="applications"),
    path(one, views.application, name="application"),
    path("children/<int:child_id>/readers/", views.readers, name="readers"),
    path(one + "due.ics", calendar.due_time, name="calendar"),
    path(one + "result/", views.result, name="result"),
    path(one + "delete/", views.delete_draft, name="delete_draft"),
    path(one + "contest/", contest.contest, name="contest"),
    path(one + "appeal/", appeal.appeal, name="appeal"),
    path(one + "appeal/withdraw/", appeal.take_back, name="take_back_appeal"),
    path(one + "withdraw/", views.withdraw, name="withdraw"),
    path(f"sign/<uuid:public_id>/{Purpose.WITHDRAWAL}/", views.sign_withdrawal, name="sign_withdrawal"),
    path(one + "document/", supplement.supplement, name="supplement"),
    path(f"sign/<uuid:public_id>/{Purpose.SUPPLEMENT}/", supplement.sign, name="sign_supplement"),
    path(one + "reapply/", again.reapply, name="reapply"),
    path(one + "papers/renew/", views.renew_papers, name="renew_papers"),
    path(one + "paper/<slug:kind>/", views.paper, name="paper"),
]
