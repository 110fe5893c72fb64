"""What ops have ordered on the pages of the portal, with the reason."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderKind(models.TextChoices):
    RETRY = "RETRY", _("Кезекті қайта іске қосу")
    PAUSE = "PAUSE", _("Сыртқы жүйені тоқтата тұру")
    RESUME = "RESUME", _("Сыртқы жүйені қайта қосу")
    ROOM = "ROOM", _("Күту залын реттеу")
    SESSIONS = "SESSIONS", _("Сеанстарды аяқтау")


class Order(models.Model):
    """One act of ops (D77). Only ever added; the journal has it with who has ordered it, from where."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=OrderKind.choices)
    about = models.CharField(max_length=20, blank=True)  # the queue, the system, the mode of the room
    person = models.ForeignKey(  # whose sessions were ended
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    until = models.DateTimeField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)  # of rows, sessions, people a minute
    why = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"order {self.pk} {self.kind} {self.about}".rstrip()
