"""The rows of the service, a file for each kind of thing."""

from applications.models.appeal import Appeal, AppealQuerySet, Outcome, Stage, Wish
from applications.models.application import (
    Application,
    ApplicationQuerySet,
    Channel,
    StatusChange,
    at_desk,
    schools_by_role,
)
from applications.models.decision import Decision, DecisionQuerySet, RefusalReason, Result
from applications.models.desk import DeskMemory
from applications.models.document import (
    AUTOMATIC_KINDS,
    Document,
    DocumentKind,
    DocumentSource,
    FetchState,
    MedicalFetch,
    RemovedDocument,
)
from applications.models.family import FamilyExport
from applications.models.fields import new_token, private_path
from applications.models.ground import About, Ground
from applications.models.look_up import LookUp, Why
from applications.models.note import Note
from applications.models.opening import OpeningReminder
from applications.models.paper import Paper, PaperCopy, PaperKind, PaperQuerySet
from applications.models.reminder import Reminder
from applications.models.signature import (
    Drawing,
    Method,
    Purpose,
    RevocationList,
    Signature,
    SigningBatch,
    SigningBatchQuerySet,
    SigningRequest,
    SigningState,
)
from applications.models.supplement import Supplement
from applications.models.table import TableExport, TableKind
from schools.models import Route

__all__ = [
    "AUTOMATIC_KINDS",
    "About",
    "Appeal",
    "AppealQuerySet",
    "Application",
    "ApplicationQuerySet",
    "Channel",
    "Decision",
    "DecisionQuerySet",
    "DeskMemory",
    "Document",
    "DocumentKind",
    "DocumentSource",
    "Drawing",
    "FamilyExport",
    "FetchState",
    "Ground",
    "LookUp",
    "MedicalFetch",
    "Method",
    "Note",
    "OpeningReminder",
    "Outcome",
    "Paper",
    "PaperCopy",
    "PaperKind",
    "PaperQuerySet",
    "Purpose",
    "RefusalReason",
    "Reminder",
    "RemovedDocument",
    "Result",
    "RevocationList",
    "Route",
    "Signature",
    "SigningBatch",
    "SigningBatchQuerySet",
    "SigningRequest",
    "SigningState",
    "Stage",
    "StatusChange",
    "Supplement",
    "TableExport",
    "TableKind",
    "Why",
    "Wish",
    "at_desk",
    "new_token",
    "private_path",
    "schools_by_role",
]
