"""Who: people as the registers know them, their children, the consents they gave; a file for each."""

from accounts.models.child import Child, Guardianship, Relation, Sex
from accounts.models.consent import Consent, ConsentStatus
from accounts.models.installation import Installation
from accounts.models.journal import EntryKind, JournalEntry, JournalLink, Shown
from accounts.models.order import Order, OrderKind
from accounts.models.person import User, masked, spaced
from accounts.models.protection import Protection
from accounts.models.sign_in import Device, SignIn
from accounts.models.trouble import Trouble

__all__ = [
    "Child",
    "Consent",
    "ConsentStatus",
    "Device",
    "EntryKind",
    "Guardianship",
    "Installation",
    "JournalEntry",
    "JournalLink",
    "Order",
    "OrderKind",
    "Protection",
    "Relation",
    "Sex",
    "Shown",
    "SignIn",
    "Trouble",
    "User",
    "masked",
    "spaced",
]
