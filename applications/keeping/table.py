"""The table of terms: everything that the portal keeps, why, how long, and how it is erased. docs/keeping.md
shows it, and a test holds every model of the portal to a row.

Where a law gives the purpose and no days, the days are a setting.
"""

from applications.keeping import due, ways
from applications.keeping.kept import KEPT
from applications.keeping.policy import PURPOSE, Policy
from applications.models import (
    Decision,
    Document,
    MedicalFetch,
    Note,
    Paper,
    PaperCopy,
    Signature,
    SigningRequest,
    StatusChange,
)
from notifications.models import Wishes

COMPLAINT = "three months to complain of a decision (administrative procedural code, art. 92)"
CLAIM = "three years in which a claim may be brought (civil code, art. 178)"
WHOLE = (
    Document,
    MedicalFetch,
    Decision,
    StatusChange,
    Signature,
    SigningRequest,
    Paper,
    PaperCopy,
    Note,
)

POLICIES = (
    Policy(
        "drafts",
        "Applications that were begun and never filed, with their documents",
        PURPOSE,
        "the last change",
        "ERASE_DRAFTS_DAYS",
        "rows and files",
        due.drafts,
        ways.drafts,
        alone=True,
    ),
    Policy(
        "signing",
        "Batches to sign, tokens for phones, originals; one that was signed stays with its signature",
        PURPOSE,
        "the end of the batch",
        "ERASE_SIGNING_DAYS",
        "rows and files",
        due.signing,
        ways.signing,
        covers=(SigningRequest,),
    ),
    Policy(
        "files_of_closed",
        "Photos and medical documents of refused and withdrawn children",
        f"{PURPOSE}; {COMPLAINT}",
        "the end of the year's intake (31 August) or the last move, the later one",
        "ERASE_CLOSED_FILES_DAYS",
        "files and the names people gave them; the rows keep what was signed, with hashes",
        due.files_of_closed,
        ways.documents,
        covers=(Document,),
        alone=True,
    ),
    Policy(
        "files_of_accepted",
        "Photos and medical documents of accepted children",
        f"{PURPOSE}: the school has them in the child's file by then",
        "the end of the year's intake or the last move",
        "ERASE_ACCEPTED_FILES_DAYS",
        "files and the names people gave them; the rows keep what was signed, with hashes",
        due.files_of_accepted,
        ways.documents,
        covers=(Document,),
        alone=True,
    ),
    Policy(
        "closed",
        "Refused and withdrawn applications: facts, decisions, signatures, papers, history",
        CLAIM,
        "the end of the year's intake or the last move",
        "ERASE_CLOSED_DAYS",
        "rows and files",
        due.closed,
        ways.applications,
        covers=WHOLE,
        alone=True,
    ),
    Policy(
        "accepted",
        "Accepted applications: the ground on which a child is at school",
        f"eleven years of school, then {CLAIM}",
        "the end of the year's intake or the last move",
        "ERASE_ACCEPTED_DAYS",
        "rows and files",
        due.accepted,
        ways.applications,
        covers=WHOLE,
        alone=True,
    ),
    Policy(
        "consents_never_given",
        "Requests for a consent that were refused or not answered, with the IIN of the child",
        PURPOSE,
        "the request",
        "ERASE_CONSENT_REQUESTS_DAYS",
        "rows",
        due.consents_never_given,
        ways.rows,
    ),
    Policy(
        "tokens",
        "What opens the registers: tokens and keys of consents (one taken back loses them at once)",
        "94-V art. 8: a consent that has ended allows nothing",
        "the end of the consent",
        "ERASE_TOKENS_DAYS",
        "the two columns",
        due.tokens,
        ways.tokens,
    ),
    Policy(
        "consents",
        "Consents that have ended: the proof that there was one",
        f"{CLAIM}; not before the person's last application",
        "its end or its revocation",
        "ERASE_CONSENTS_DAYS",
        "rows",
        due.consents,
        ways.rows,
    ),
    Policy(
        "texts",
        "Texts and numbers of SMS, letters and notices",
        f"{PURPOSE}; {COMPLAINT}",
        "the message",
        "ERASE_TEXTS_DAYS",
        "the two columns; that it was sent and arrived stays",
        due.texts,
        ways.texts,
    ),
    Policy(
        "messages",
        "Messages of the cabinet and the outcomes of SMS",
        CLAIM,
        "the message",
        "ERASE_MESSAGES_DAYS",
        "rows",
        due.messages,
        ways.rows,
    ),
    Policy(
        "reports",
        "Numbers of the gateway's delivery reports",
        "one report counts once",
        "its arrival",
        "ERASE_REPORTS_DAYS",
        "rows",
        due.reports,
        ways.rows,
    ),
    Policy(
        "look_ups",
        "Who at a school has looked up whom by IIN, and why",
        f"{CLAIM}: the citizen may ask for what reason",
        "the look-up",
        "ERASE_LOOK_UPS_DAYS",
        "rows; the journal keeps that there was one",
        due.look_ups,
        ways.rows,
    ),
    Policy(
        "lists",
        "Lists of revoked certificates on which no signature leans any more",
        "no purpose without a signature",
        "the day it was kept",
        "ERASE_LISTS_DAYS",
        "rows and files",
        due.lists,
        ways.with_file,
    ),
    Policy(
        "desk",
        "What somebody at a school has looked for, and the rows ticked to be signed together",
        PURPOSE,
        "the search or the ticking",
        "ERASE_DESK_DAYS",
        "rows",
        due.desk,
        ways.rows,
    ),
    Policy(
        "exports",
        "What a family has ordered about itself",
        "it was for them to fetch",
        "its end, `FAMILY_EXPORT_HOURS` after it was made",
        "ERASE_EXPORTS_DAYS",
        "rows and files",
        due.exports,
        ways.with_file,
    ),
    Policy(
        "ties",
        "Ties to a child that the register has denied",
        f"{PURPOSE}; not while an application of the two is kept",
        "the denial",
        "ERASE_TIES_DAYS",
        "rows",
        due.ties,
        ways.rows,
    ),
    Policy(
        "protections",
        "Courts' bars that were lifted",
        CLAIM,
        "the lifting",
        "ERASE_PROTECTIONS_DAYS",
        "rows",
        due.protections,
        ways.rows,
    ),
    Policy(
        "people",
        "Profiles of people of whom nothing else is kept, with how they want to be told of their work",
        PURPOSE,
        "the last sign-in",
        "ERASE_PEOPLE_DAYS",
        "rows",
        due.people,
        ways.rows,
        covers=(Wishes,),
    ),
    Policy(
        "children",
        "Children whom nobody has in a profile and for whom nothing was filed",
        PURPOSE,
        "the last answer of the registers",
        "ERASE_PEOPLE_DAYS",
        "rows",
        due.children,
        ways.rows,
    ),
)


def markdown() -> str:
    """The table as docs/keeping.md shows it."""
    lines = ["| name | what | why | counts from | days (setting) | how |", "|---|---|---|---|---|---|"]
    lines += [
        f"| `{one.name}` | {one.what} | {one.why} | {one.since} | {one.days} (`{one.setting}`) | {one.how} |"
        for one in POLICIES
    ]
    lines += ["", "| kept without a term of ours | why | until |", "|---|---|---|"]
    lines += [f"| {one.what} | {one.why} | {one.until} |" for one in KEPT]
    return "\n".join(lines)
