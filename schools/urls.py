from django.urls import path, re_path

from schools.views import staff

app_name = "schools"
urlpatterns = [
    path("staff/", staff.schools, name="staff"),
    path("staff/schools/<int:school_id>/", staff.of_school, name="staff_of_school"),
    re_path(r"^staff/areas/(?P<kato>\d{9})/$", staff.of_area, name="staff_of_area"),
    path("staff/portal/", staff.of_portal, name="staff_of_portal"),
    path("staff/posts/<int:post_id>/end/", staff.end, name="end_post"),
]
