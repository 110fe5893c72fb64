from django.urls import include, path

from oqu import health
from oqu.metrics import page as metrics
from oqu.reference.site import reference

urlpatterns = [
    path("healthz", health.answer, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.answer, name="metrics"),
    path("ops/", include("oqu.orders.urls")),
    path("ops/reference/", reference.urls),
    path("", include("accounts.urls")),
    path("", include("schools.urls")),
    path("", include("schools.urls_public")),
    path("", include("notifications.urls")),
    path("", include("applications.urls")),
]

handler400 = "oqu.errors.bad_request"
handler403 = "oqu.errors.forbidden"
handler404 = "oqu.errors.not_found"
handler500 = "oqu.errors.server_error"
