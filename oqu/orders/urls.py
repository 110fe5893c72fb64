from django.urls import path

from oqu import ops
from oqu.orders import views

app_name = "ops"
urlpatterns = [
    path("", ops.page, name="page"),
    path("queues/<slug:name>/", views.queue, name="queue"),
    path("systems/", views.systems, name="systems"),
    path("systems/<slug:name>/", views.system, name="system"),
    path("season/", views.season, name="season"),
    path("room/", views.waiting_room, name="room"),
    path("sessions/", views.sessions, name="sessions"),
    path("orders/", views.orders, name="orders"),
]
