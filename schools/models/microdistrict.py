"""The addresses a school serves: its lists, what is being changed of them, and other names of streets."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools.models.place import Locality
from schools.models.school import School


class Parity(models.TextChoices):
    ALL = "ALL", _("барлығы")
    ODD = "ODD", _("тақ")
    EVEN = "EVEN", _("жұп")


class MicrodistrictAddress(models.Model):
    """One range of houses of a school's microdistrict (R69). An address may belong to several schools.

    street_key "" stands for the whole locality, house_to null for "to the end of the street",
    house_from 1 with house_to null and no suffix for the whole street. An exact house with a letter or
    fraction has house_from == house_to and its suffix, e.g. 12 and "А" or 6 and "/1". An excluded range is
    taken out of the school's other ranges of that street: «все, кроме 49/53».
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="addresses")
    locality = models.ForeignKey(Locality, on_delete=models.PROTECT, related_name="+")
    street = models.CharField(max_length=200, blank=True)  # as the department wrote it
    street_key = models.CharField(max_length=200, blank=True)  # schools.addresses.street_key
    house_from = models.PositiveIntegerField(default=1)
    house_to = models.PositiveIntegerField(null=True, blank=True)
    suffix = models.CharField(max_length=20, blank=True)
    parity = models.CharField(max_length=4, choices=Parity.choices, default=Parity.ALL)
    excluded = models.BooleanField(default=False)
    line = models.PositiveIntegerField(null=True, blank=True)  # of the list that brought it

    class Meta:
        # The numbers stand in it too, so that a common street of a large city is not read from the table.
        indexes = [models.Index(fields=["street_key", "locality", "house_from", "house_to"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(house_to__isnull=True) | Q(house_to__gte=F("house_from")),
                name="house_range_runs_forward",
            )
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.house_from}-{self.house_to or ''}{self.suffix}"


class AddressList(models.Model):
    """One version of a school's microdistrict: who brought it, when and what for, its lines as they were and
    what was read from them. The rows of MicrodistrictAddress are those of the version that has not ended."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="address_lists")
    began = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)
    author = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=255)
    lines = models.JSONField(default=dict)  # number of the line -> its text
    rows = models.JSONField(default=list)
    aliases = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(ended=None), name="one_current_address_list_per_school"
            )
        ]

    def __str__(self) -> str:
        return f"address list {self.pk}"


class ListDraft(models.Model):
    """A list that somebody is reading through before it is saved: its lines as text, each with the school it
    is of (D64). Saved, it stays for who presses the button twice, without its lines."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    school = models.ForeignKey(  # null: the lines are of several
        School, on_delete=models.CASCADE, null=True, blank=True, related_name="list_drafts"
    )
    source = models.CharField(max_length=255, blank=True)  # the file's name
    lines = models.JSONField(default=list)  # [number, text, key of the school]
    last_line = models.PositiveIntegerField(default=0, db_default=0)  # no number is given to two lines
    base = models.BigIntegerField(
        null=True, blank=True
    )  # key of the version whose text was mended; 0: none stood
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"list draft {self.pk}"


class AddressRequest(models.Model):
    """A registered address that no school's microdistrict holds, and that a parent asks to have added (D63).
    Of the person nothing is told to who keeps the lists; who waits for the answer is an `AddressAsker`."""

    kato = models.CharField(max_length=9)
    street = models.CharField(max_length=200, blank=True)
    house = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    school = models.ForeignKey(  # that it was added to
        School, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.CharField(max_length=300, blank=True)  # why it was not

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kato", "street", "house"],
                condition=Q(answered_at=None),
                name="one_open_request_per_address",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, school=None, words="")
                | Q(answered_at__isnull=False, school__isnull=False, words="")
                | (Q(answered_at__isnull=False, school=None) & ~Q(words="")),
                name="address_request_is_added_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"address request {self.pk}"


class AddressAsker(models.Model):
    """Who has asked for an address, and is told the answer (D63)."""

    request = models.ForeignKey(AddressRequest, on_delete=models.CASCADE, related_name="askers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="address_requests"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="one_asking_per_person_and_address")
        ]

    def __str__(self) -> str:
        return f"asker {self.pk}"


class StreetAlias(models.Model):
    """Two names of one street: an old one and a new one, or spellings that no rule brings together.

    What a school's list says belongs to that list and goes with it; without a school it is everybody's, and
    without a place the whole country's. A key without a type is a name, whatever is called by it.
    """

    locality = models.ForeignKey(
        Locality,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Елді мекен"),
    )
    key = models.CharField(_("Бір атауы"), max_length=200)  # schools.addresses.street_key
    other = models.CharField(_("Екінші атауы"), max_length=200)
    school = models.ForeignKey(
        School, on_delete=models.CASCADE, null=True, blank=True, related_name="aliases"
    )

    class Meta:
        verbose_name = _("Көшенің екінші атауы")
        verbose_name_plural = _("Көшелердің екінші атаулары")
        indexes = [models.Index(fields=["key", "locality"]), models.Index(fields=["other", "locality"])]
        constraints = [
            models.UniqueConstraint(
                fields=["locality", "key", "other"],
                condition=Q(school=None),
                nulls_distinct=False,
                name="one_alias_per_pair",
            ),
            models.UniqueConstraint(
                fields=["locality", "key", "other", "school"], name="one_alias_per_pair_and_school"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.other}"
