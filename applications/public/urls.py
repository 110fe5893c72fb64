"""Public pages, open before sign-in."""

from django.urls import path

from applications.public.views import before, service

app_name = "public"
urlpatterns = [
    path("", service.home, name="home"),
    path("service/", service.about, name="service"),
    path("schedule/", service.schedule, name="schedule"),
    path("questions/", service.questions, name="questions"),
    path("help/", service.help_, name="help"),
    path("before/", before.page, name="before"),
    path("before/school/", before.school, name="before_school"),
]
