"""The files that come with an application, and the requests for those that come by themselves."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.prepared import Prepared
from applications.models.application import Application
from applications.models.fields import private_path
from notifications.queue import QueueRow


class DocumentKind(models.TextChoices):
    PHOTO = "PHOTO", _("3×4 см өлшеміндегі екі фотосурет")
    F065 = "F065", _("№ 065/у нысанды профилактикалық екпелердің картасы")
    F052_2 = "F052_2", _("«052-2/у» нысандағы «Бала денсаулығы паспорты»")
    PMPC = "PMPC", _("ПМПК анықтамасы")
    SCAN = "SCAN", _("Қол қойылған қағаз өтінімнің көшірмесі")


AUTOMATIC_KINDS = (DocumentKind.F065, DocumentKind.F052_2)  # R86, R87


class DocumentSource(models.TextChoices):
    AUTO = "AUTO", _("Автоматты түрде жүктелді")
    MANUAL = "MANUAL", _("Ата-ана жүктеді")
    SCHOOL = "SCHOOL", _("Мектеп қағаздан жүктеді")


class DocumentFacts(models.Model):
    """A stored file and what is known of it."""

    kind = models.CharField(max_length=6, choices=DocumentKind.choices)
    position = models.PositiveSmallIntegerField(default=1)  # a second photo is 2 (D6)
    source = models.CharField(max_length=6, choices=DocumentSource.choices)
    file = models.FileField(upload_to=private_path)  # empty once its term is over
    mime = models.CharField(max_length=20)  # application/pdf or image/jpeg
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    label = models.CharField(max_length=200, blank=True)  # what the person called the file; shown, never used
    origin = models.CharField(max_length=200, blank=True)  # AUTO: the system it came from
    issued_on = models.DateField(null=True, blank=True)  # AUTO: as the system that sent it says
    valid_until = models.DateField(null=True, blank=True)  # PMPC only (R90, D10)
    width = models.PositiveSmallIntegerField(default=0)  # pixels; 0 of a PDF
    height = models.PositiveSmallIntegerField(default=0)
    # PHOTO: what the eye may dislike in it (D71); the version before this one does not know it
    flaws = models.CharField(max_length=40, blank=True, default="", db_default="")
    added_at = models.DateTimeField()

    class Meta:
        abstract = True

    def facts(self) -> dict[str, Any]:
        """All that another row needs to name the same file."""
        return {field.name: getattr(self, field.name) for field in DocumentFacts._meta.get_fields()}


class Document(DocumentFacts):
    """A stored file of an application. A new file replaces the row of its slot (kind, position)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    erased_at = models.DateTimeField(null=True, blank=True)  # the file is gone, its term was over
    added = models.BooleanField(default=False)  # after the application was signed, by a supplement (D55)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "position"],
                condition=Q(added=False),
                name="one_document_per_slot",
            ),
            models.CheckConstraint(
                condition=~Q(kind=DocumentKind.PMPC) | Q(valid_until__isnull=False),
                name="pmpc_has_its_term",
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.pk} {self.kind}"

    @property
    def can_be_turned(self) -> bool:
        """A photo that is a picture (D71)."""
        return self.kind == DocumentKind.PHOTO and self.mime == "image/jpeg"

    def has_ended(self, day: date) -> bool:
        """A conclusion is in force on its last day (D10)."""
        return self.valid_until is not None and self.valid_until < day

    @classmethod
    def of(cls, application: Application) -> list["Document"]:
        """As they are stored at this moment; of a list, as they were fetched with it."""
        fetched = "documents" in getattr(application, "_prefetched_objects_cache", {})
        return list(application.documents.all()) if fetched else _OF_APPLICATION(application.pk)


_OF_APPLICATION = Prepared(lambda application: Document.objects.filter(application=application), int)


class RemovedDocument(DocumentFacts):
    """The last file that was taken out of its place in a draft, or replaced there or in an addition that is
    not signed: it can be brought back for a while (D72)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="removed_documents")
    removed_at = models.DateTimeField()
    # It went with the mark of step 1, not by a button, and comes back with it; a version before knows none
    with_mark = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "position"], name="one_removed_document_per_slot"
            )
        ]

    def __str__(self) -> str:
        return f"removed document {self.pk} {self.kind}"


class FetchState(models.TextChoices):
    WAITING = "WAITING", _("Тексерілуде")
    FOUND = "FOUND", _("Автоматты түрде жүктелді")
    MISSING = "MISSING", _("Жүктеу қажет")
    SPOILED = "SPOILED", _("Алынған файл ашылмайды")  # there is one, but it can not be kept
    FAILED = "FAILED", _("Жүйе жауап бермеді")


class MedicalFetch(QueueRow):
    """The request for one medical document; the worker's queue (R86, R87)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="fetches")
    kind = models.CharField(max_length=6, choices=[(k.value, k.label) for k in AUTOMATIC_KINDS])
    state = models.CharField(max_length=7, choices=FetchState.choices, default=FetchState.WAITING)
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "kind"], name="one_fetch_per_paper")]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="fetch_due",
                condition=Q(state__in=[FetchState.WAITING, FetchState.FAILED]),
            )
        ]

    def __str__(self) -> str:
        return f"fetch {self.pk} {self.kind}"

    @classmethod
    def of(cls, application: Application) -> list["MedicalFetch"]:
        return _FETCHES(application.pk)


_FETCHES = Prepared(lambda application: MedicalFetch.objects.filter(application=application), int)
