"""A person as the registers know them, who signs in through eGov; and how a page may show their numbers."""

import re
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


def masked(number: str) -> str:
    """An IIN or a phone as a page may show it: the last four digits."""
    return "•" * (len(number) - 4) + number[-4:]


def spaced(phone: str) -> str:
    """As people write it: +7 701 123 45 01."""
    found = re.fullmatch(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})", phone)
    return " ".join(("+7", *found.groups())) if found else phone


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(iin=username)


class User(AbstractBaseUser):
    """A person who signs in through eGov: a parent, a school's executor or director (R29, R30).

    There are no passwords of our own; names, phone and address come from the registers (R49).
    """

    iin = models.CharField(max_length=12, unique=True)
    surname = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300, blank=True)
    patronymic = models.CharField(max_length=300, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=12, blank=True)  # E.164, from the Mobile Citizens Database
    phone_known_at = models.DateTimeField(null=True, blank=True)  # when eGov told it; never: it is from paper
    phone_confirmed_at = models.DateTimeField(null=True, blank=True)  # by the person, asked by the portal
    # Where else they allow to tell them when an SMS does not arrive; empty time: nowhere.
    second_phone = models.CharField(max_length=12, blank=True)
    email = models.EmailField(blank=True)
    ways_allowed_at = models.DateTimeField(null=True, blank=True)
    lang = models.CharField(max_length=2, choices=[("kk", "Қазақша"), ("ru", "Русский")], default="kk")
    registered_address = models.JSONField(default=dict, blank=True)  # egov.persons.Address as a dict
    refreshed_at = models.DateTimeField(null=True, blank=True)  # when the registers were last asked
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "iin"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(iin__regex=r"^\d{12}$"), name="user_iin_has_twelve_digits")
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"  # names and IIN stay out of logs

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def masked_iin(self) -> str:
        return masked(self.iin)

    @property
    def masked_phone(self) -> str:
        """Enough of it to know one's own: +7 701 ••• •• 01."""
        shown = f"{self.shown_phone[:6]} ••• •• {self.phone[-2:]}" if self.phone else ""
        return shown.replace(" ", "\N{NO-BREAK SPACE}")

    @property
    def shown_phone(self) -> str:
        return spaced(self.phone)
