from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("messages/", views.inbox, name="inbox"),
    path("messages/read/", views.read_all, name="read_all"),
    path("messages/settings/", views.settings, name="settings"),
    path("messages/opening/", views.opening, name="opening"),
    path("webhooks/sms/mobizon/", views.sms_report, name="sms_report"),
]
