"""Whose a session is: Django's own row tells nobody who looks for it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Device(models.TextChoices):
    PHONE = "PHONE", _("телефон")
    TABLET = "TABLET", _("планшет")
    COMPUTER = "COMPUTER", _("компьютер")
    OTHER = "OTHER", _("белгісіз құрылғы")


class SignIn(models.Model):
    """The beginning of a session. Of the device no more than its class is kept."""

    session = models.CharField(max_length=40, primary_key=True)  # its key
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)
    device = models.CharField(max_length=8, choices=Device.choices)

    def __str__(self) -> str:
        return f"sign-in of user {self.user_id}"  # the key opens the session: it stays out of logs
