"""The pages of those who keep the catalogue."""

from django.urls import path

from applications.keepers.views import drafts, lists, quality, requests, versions

app_name = "keepers"
urlpatterns = [
    path("lists/", lists.every, name="lists"),
    path("lists/many/", lists.many, name="many"),
    path("lists/schools/<int:school_id>/", lists.school, name="school"),
    path("lists/drafts/<int:draft_id>/", drafts.one, name="draft"),
    path("lists/versions/<int:version_id>/", versions.one, name="version"),
    path("lists/requests/", requests.every, name="requests"),
    path("lists/requests/<int:request_id>/", requests.one, name="request"),
    path("quality/", quality.every, name="quality"),
]
