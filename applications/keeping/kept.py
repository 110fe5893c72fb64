"""What has no term of ours: kept as long as the portal stands, or erased by a task of its own."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session

from accounts.models import Installation, JournalEntry, JournalLink, Order, SignIn, Trouble
from applications.keeping.policy import PURPOSE, Kept
from applications.models import Ground
from notifications.models import Heartbeat, Lease, Tick
from schools.models import (
    AddressList,
    EndedPlace,
    FormerBin,
    Holiday,
    Intake,
    Language,
    Locality,
    MicrodistrictAddress,
    Period,
    School,
    StaffMember,
    StreetAlias,
)

KEPT = (
    Kept(
        "The journal and its chain",
        "who saw and who did; it holds times, choices and keys of rows, of a person one digest",
        "as long as the portal stands: nothing can be taken out of a chain",
        (JournalEntry, JournalLink),
    ),
    Kept(
        "Sessions, and whose they are",
        PURPOSE,
        "their end; removed daily by `accounts.clear_sessions`",
        (Session, SignIn),
    ),
    Kept(
        "What ops have ordered, and why",
        "who has paused a system, tried a queue again or ended a person's sessions",
        "nobody erases them; whose sessions were ended is taken out with that person's profile",
        (Order,),
    ),
    Kept(
        "Who may act for a school or a department",
        "the list that decides who may sign; an ended post says who could decide then",
        "nobody erases them: a post is an office, not a private matter",
        (StaffMember,),
    ),
    Kept(
        "Schools, seats, dates, addresses, places, grounds of a refusal",
        "nobody's data",
        "they are replaced",
        (
            School,
            FormerBin,
            Intake,
            Period,
            Holiday,
            Language,
            Locality,
            EndedPlace,
            MicrodistrictAddress,
            AddressList,
            StreetAlias,
            Ground,
        ),
    ),
    Kept(
        "Signs of life, leases, systems that fail, where the portal is, Django's own tables",
        "nobody's data",
        "they are replaced",
        (Heartbeat, Lease, Tick, Trouble, Installation, ContentType, Group, Permission, LogEntry),
    ),
)
