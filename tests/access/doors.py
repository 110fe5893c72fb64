"""Every address of the portal: who is let in, and with what answer; everybody else is told nothing.

An address that is not in this table fails the test, so that nobody can forget to say whose it is.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.access.cast import (
    DIRECTOR,
    EXECUTOR,
    OFFICER,
    OPS,
    OTHER_DIRECTOR,
    OTHER_OFFICER,
    OUTSIDERS,
    OWNER,
    PEOPLE,
    SCHOOL_A,
    SCHOOL_B,
    STRANGER,
)

# Answers that are no status of their own: where the redirect leads.
SIGN_IN, CONSENT, EGOV, ELSEWHERE = "to the sign-in", "to the consent", "to eGov", "to another page"
NO_METHOD, NOT_FOUND = 405, 404

OPEN, SIGNED_IN, CONSENTED = "open", "signed in", "consented"
DIRECTORS = (DIRECTOR,)
APPOINTING = (DIRECTOR, OFFICER, OPS)  # of school A
KEEPERS = (OFFICER, OTHER_OFFICER, OPS)


@dataclass(frozen=True)
class Door:
    """One address with ids of A's things. `get` and `post` are the answers to those who are let in (None: the
    address knows no such method); for a few of them `but` names another answer. The rest gets 404."""

    name: str
    ids: str = ""  # of what
    more: tuple[str | int, ...] = ()  # parts of the address behind the ids
    kind: str = CONSENTED
    get: int | str | None = None
    post: int | str | None = None
    data: dict[str, Any] = field(default_factory=dict)  # what is posted
    for_: tuple[str, ...] = PEOPLE
    but: dict[tuple[str, str], int | str] = field(default_factory=dict)  # (method, who)


def to_all(answer: int | str) -> dict[tuple[str, str], int | str]:
    """Whoever has not signed in gets this answer to a GET."""
    return {(method, who): answer for who in OUTSIDERS for method in ("GET", "POST")}


# Of each page of the wizard: what it is answered, and what its empty form is. Two lead elsewhere: one is no
# more, and the school of the address is chosen beside the way (D70).
WIZARD: dict[str, tuple[int | str, int | str]] = {
    "applicant": (ELSEWHERE, ELSEWHERE), "child": (200, ELSEWHERE), "way": (200, 400),
    "school": (ELSEWHERE, ELSEWHERE), "transport": (200, ELSEWHERE), "documents": (200, 400),
    "review": (200, 200),
}  # fmt: skip

PUBLIC = [
    Door("healthz", kind=OPEN, get=200),
    Door("readyz", kind=OPEN, get=200),
    Door("metrics", kind=OPEN, get=NOT_FOUND),  # who has the token is no person
    Door("public:home", kind=OPEN, get=200),
    Door("public:service", kind=OPEN, get=200),
    Door("public:schedule", kind=OPEN, get=200),
    Door("public:questions", kind=OPEN, get=200),
    Door("public:help", kind=OPEN, get=200),
    Door("public:before", kind=OPEN, get=200, post=400),
    Door("public:before_school", kind=OPEN, get=200),
    Door("catalogue:schools", kind=OPEN, get=200),
    Door("catalogue:school", more=("990540099902",), kind=OPEN, get=200),
    Door("catalogue:data", kind=OPEN, get=200),
    Door("catalogue:schools_csv", kind=OPEN, get=200),
    Door("catalogue:schools_json", kind=OPEN, get=200),
    Door("catalogue:microdistricts_csv", kind=OPEN, get=400),
    Door("papers:certificates", kind=OPEN, get=200),
    Door("papers:certificate", more=("none",), kind=OPEN, get=NOT_FOUND),
    Door("papers:form", kind=OPEN, get=200, post=400),
    Door("papers:paper", "printed", kind=OPEN, get=200, post=400),
    Door("notifications:sms_report", kind=OPEN, post=400),
    Door("accounts:login", kind=OPEN, get=ELSEWHERE, post=ELSEWHERE, but=to_all(EGOV)),
    Door("accounts:login_problem", more=("stale",), kind=OPEN, get=400),
    Door("accounts:callback", kind=OPEN, get=ELSEWHERE),
    Door("accounts:logout", kind=OPEN, get=200, post=ELSEWHERE),
    Door("accounts:extend", kind=OPEN, post=ELSEWHERE),
    Door("accounts:language", kind=OPEN, post=ELSEWHERE, data={"language": "ru"}),
]
# What a person opens without naming anything: everybody's own.
OWN = [
    Door("accounts:consent", kind=SIGNED_IN, get=ELSEWHERE, post=CONSENT, but={("GET", PEOPLE[0]): 200}),
    Door("accounts:profile", kind=SIGNED_IN, get=200, post=400),
    Door("accounts:refresh_profile", post=ELSEWHERE),
    Door("accounts:consents", kind=SIGNED_IN, get=200),
    Door("accounts:phone", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE),
    # Who has no number gives none up.
    Door(
        "accounts:disown_phone",
        kind=SIGNED_IN,
        get=ELSEWHERE,
        post=ELSEWHERE,
        but={("GET", who): 200 for who in (OWNER, STRANGER, *SCHOOL_A)},
    ),
    Door("accounts:ways", kind=SIGNED_IN, get=200, post=ELSEWHERE),
    Door("family:data", kind=SIGNED_IN, get=200, post=ELSEWHERE),
    Door("accounts:refresh_children", post=ELSEWHERE),
    Door("accounts:children", get=200),
    Door("accounts:add_child", get=200, post=400),
    Door("notifications:inbox", kind=SIGNED_IN, get=200),
    Door("notifications:opening", "", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"wanted": "no"}),
    Door("notifications:read_all", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE),
    Door("cabinet:applications", get=200),
    Door("filing:start", get=200, post=400),
    Door("filing:consents", get=ELSEWHERE),
]
A = (OWNER,)
PARENT = [
    Door("accounts:revoke_consent", "ended consent", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("accounts:child_consent", "consent", get=200, post=ELSEWHERE, for_=A),
    Door("accounts:confirm_child", "consent", get=200, post=ELSEWHERE, for_=A),
    Door("accounts:renew_consent", "child", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:readers", "child", get=200, for_=A),
    Door("family:file", "export", kind=SIGNED_IN, get=200, for_=A),
    Door("cabinet:application", "draft", get=ELSEWHERE, for_=A),
    Door("cabinet:application", "filed", get=200, for_=A),
    Door("cabinet:application", "registered", get=200, for_=A),
    Door("cabinet:application", "paper draft", get=404, for_=()),
    Door("cabinet:result", "filed", get=200, for_=A),
    Door("cabinet:calendar", "filed", get=200, for_=A),
    Door("cabinet:calendar", "draft", get=ELSEWHERE, for_=A),
    Door("cabinet:calendar", "paper draft", get=404, for_=()),
    Door("cabinet:delete_draft", "draft", get=200, post=ELSEWHERE, for_=A),
    Door("cabinet:delete_draft", "paper draft", get=404, post=404, for_=()),
    Door("cabinet:appeal", "appealed", get=200, post=409, for_=A),
    Door("cabinet:appeal", "filed", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:appeal", "draft", get=404, post=404, for_=()),
    Door("cabinet:take_back_appeal", "appealed", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:withdraw", "filed", get=200, for_=A),
    Door("cabinet:contest", "registered", get=200, post=400, for_=A),
    Door("cabinet:contest", "filed", get=404, post=404, for_=()),
    Door("cabinet:supplement", "filed", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:reapply", "refused", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:renew_papers", "filed", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:paper", "receipt", get=200, for_=A),
    Door("filing:document", "draft document", get=200, for_=A),
    Door("filing:document", "filed document", get=200, for_=A),
    Door("filing:document", "paper draft document", get=404, for_=()),
    Door("filing:print", "draft photo", get=200, for_=A),
    Door("filing:print", "draft document", get=404, for_=()),
    Door("filing:print", "paper draft photo", get=404, for_=()),
    Door("filing:ask_address", "draft", get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("filing:ask_address", "paper draft", get=404, post=404, for_=()),
    Door("filing:upload", "draft", ("f065",), post=400, for_=A),
    Door("filing:upload", "filed", ("f065",), post=409, for_=A),
    Door("filing:step", "paper draft", ("documents",), get=404, post=404, for_=()),
    *(
        Door("filing:step", "draft", (page,), get=shown, post=sent, for_=A)
        for page, (shown, sent) in WIZARD.items()
    ),
]  # fmt: skip
NONE_OF_B: dict[tuple[str, str], int | str] = {("POST", who): ELSEWHERE for who in SCHOOL_B}
SCHOOL = [
    Door(
        "notifications:settings",
        "",
        (),
        SIGNED_IN,
        200,
        400,
        {},
        (*SCHOOL_A, *SCHOOL_B, OFFICER, OTHER_OFFICER),
    ),
    Door("review:queue", kind=SIGNED_IN, get=200, for_=(*SCHOOL_A, *SCHOOL_B)),
    Door("review:search", "", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"term": "x"}, (*SCHOOL_A, *SCHOOL_B)),
    Door("review:application", "filed", kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    Door("review:called", "filed", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=SCHOOL_A),
    Door("review:application", "draft", kind=SIGNED_IN, get=404, for_=()),
    Door("review:decide", "filed", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"result": "ACCEPT"}, for_=SCHOOL_A),
    Door("review:decide", "draft", kind=SIGNED_IN, get=404, post=404, data={"result": "ACCEPT"}, for_=()),
    Door("review:sign", "proposed", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=SCHOOL_A),
    Door("review:return", "proposed", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"reason": "x"}, for_=SCHOOL_A),
    Door("review:write_note", "filed", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"note": "x"}, for_=SCHOOL_A),
    Door("review:write_note", "draft", (), SIGNED_IN, 404, 404, {"note": "x"}, for_=()),
    Door("review:delete_note", "filed", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"pk": "1"}, for_=SCHOOL_A),
    Door("review:correct", "refused", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=DIRECTORS),
    Door("review:ask", "filed", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, {"kind": "PHOTO"}, for_=SCHOOL_A),
    Door("review:decided", "filed", kind=SIGNED_IN, get=ELSEWHERE, for_=SCHOOL_A),
    Door("review:document", "filed document", kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    Door("review:picture", "filed document", (1,), kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    Door("review:picture", "draft document", (1,), kind=SIGNED_IN, get=404, for_=()),
    Door("review:document", "draft document", kind=SIGNED_IN, get=404, for_=()),
    Door("review:paper", "receipt", kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    # Where there is nothing to take away, the queue says so; here nobody is accepted yet.
    Door(
        "review:export_queue",
        "",
        (),
        SIGNED_IN,
        None,
        200,
        {"form": "csv"},
        (*SCHOOL_A, *SCHOOL_B),
        NONE_OF_B,
    ),
    Door(
        "review:export_admitted", "", (), SIGNED_IN, None, ELSEWHERE, {"form": "csv"}, (*SCHOOL_A, *SCHOOL_B)
    ),
    Door("review:tables", kind=SIGNED_IN, get=200, for_=(*SCHOOL_A, *SCHOOL_B)),
    Door("review:table", "table", kind=SIGNED_IN, get=200, for_=(DIRECTOR,)),
    Door("review:order_table_again", "failed table", kind=SIGNED_IN, post=ELSEWHERE, for_=(DIRECTOR,)),
    Door("review:department", kind=SIGNED_IN, get=200, for_=(OFFICER, OTHER_OFFICER)),
    Door("review:export_department", "", (), SIGNED_IN, None, 200, {"form": "csv"}, (OFFICER, OTHER_OFFICER)),
    Door("review:department_school", "school", kind=SIGNED_IN, get=200, for_=(OFFICER,)),
    Door("review:department_application", "filed", kind=SIGNED_IN, get=200, for_=(OFFICER,)),
    Door("review:department_application", "draft", kind=SIGNED_IN, get=404, for_=()),
    Door("review:appeals", kind=SIGNED_IN, get=200, for_=(*SCHOOL_A, *SCHOOL_B, OFFICER, OTHER_OFFICER)),
    Door("review:appeal", "appeal", kind=SIGNED_IN, get=200, for_=(*SCHOOL_A, OFFICER)),
    Door("review:pass_appeal", "appeal", kind=SIGNED_IN, get=ELSEWHERE, post=400, for_=DIRECTORS),
    Door("review:answer_appeal", "appeal", kind=SIGNED_IN, get=ELSEWHERE, post=400, for_=(OFFICER,)),
    # Only while the answer is the department's to give; in a refused case a school sees no document (D43).
    Door("review:appeal_document", "appeal document", kind=SIGNED_IN, get=404, for_=()),
    Door("review:appeal_picture", "appeal document", (1,), kind=SIGNED_IN, get=404, for_=()),
    Door("review:appeal_document", "passed appeal document", kind=SIGNED_IN, get=200, for_=(OFFICER,)),
    Door("review:appeal_picture", "passed appeal document", (1,), kind=SIGNED_IN, get=200, for_=(OFFICER,)),
    Door("review:remind", "school", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=(OFFICER,)),
    # A director is led to the one school of theirs.
    Door(
        "schools:staff",
        kind=SIGNED_IN,
        get=200,
        for_=(*APPOINTING, OTHER_DIRECTOR, OTHER_OFFICER),
        but={("GET", DIRECTOR): ELSEWHERE, ("GET", OTHER_DIRECTOR): ELSEWHERE},
    ),
    Door("schools:staff_of_school", "school", kind=SIGNED_IN, get=200, post=400, for_=APPOINTING),
    Door("schools:staff_of_area", more=("710000000",), kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("schools:staff_of_portal", kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door(
        "schools:end_post",
        "executor's post",
        kind=SIGNED_IN,
        get=200,
        post=ELSEWHERE,
        for_=(*APPOINTING, EXECUTOR),
    ),
    Door("schools:end_post", "director's post", kind=SIGNED_IN, get=200, post=ELSEWHERE, for_=APPOINTING),
    Door("schools:end_post", "officer's post", kind=SIGNED_IN, get=200, post=ELSEWHERE, for_=(OPS, OFFICER)),
    Door("keepers:lists", kind=SIGNED_IN, get=200, for_=KEEPERS),
    Door("keepers:many", kind=SIGNED_IN, get=200, post=400, for_=KEEPERS),
    Door("keepers:school", "school", (), SIGNED_IN, 200, 400, {"way": "text"}, (OFFICER, OPS)),
    Door("keepers:draft", "list draft", kind=SIGNED_IN, get=200, post=ELSEWHERE, for_=(OFFICER,)),
    Door("keepers:version", "list version", kind=SIGNED_IN, get=200, post=400, for_=(OFFICER, OPS)),
    Door("keepers:requests", kind=SIGNED_IN, get=200, for_=KEEPERS),
    Door("keepers:request", "address request", (), SIGNED_IN, 200, 400, {"refuse": "1"}, (OFFICER, OPS)),
    Door("keepers:quality", kind=SIGNED_IN, get=200, for_=KEEPERS),
    Door("review:protections", kind=SIGNED_IN, get=200, post=400, for_=(OFFICER, OTHER_OFFICER)),
    Door("review:lift_protection", "protection", kind=SIGNED_IN, get=200, post=400, for_=(OFFICER,)),
    Door("review:grounds", kind=SIGNED_IN, get=200, for_=(OPS,)),
    Door("review:new_ground", kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("review:ground", "ground", kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("review:end_ground", "ground", kind=SIGNED_IN, get=200, post=ELSEWHERE, for_=(OPS,)),
    Door("ops:page", kind=SIGNED_IN, get=200, for_=(OPS,)),
    Door("ops:queue", more=("papers",), kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("ops:systems", kind=SIGNED_IN, get=200, post=200, for_=(OPS,)),
    Door("ops:system", more=("sms",), kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("ops:season", kind=SIGNED_IN, get=200, post=200, for_=(OPS,)),
    Door("ops:room", kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("ops:sessions", kind=SIGNED_IN, get=200, post=400, for_=(OPS,)),
    Door("ops:orders", kind=SIGNED_IN, get=200, post=200, for_=(OPS,)),
    Door("in_person:start", kind=SIGNED_IN, get=200, post=400, for_=(*SCHOOL_A, *SCHOOL_B)),
    Door("in_person:page", "paper draft", ("details",), SIGNED_IN, get=200, post=400, for_=SCHOOL_A),
    Door("in_person:page", "draft", ("documents",), SIGNED_IN, get=404, post=404, for_=()),
    Door(
        "in_person:page", "registered", ("review",), SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=SCHOOL_A
    ),
    Door("in_person:done", "registered", kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    Door("in_person:delete", "paper draft", kind=SIGNED_IN, get=200, post=ELSEWHERE, for_=SCHOOL_A),
    Door("in_person:delete", "draft", kind=SIGNED_IN, get=404, post=404, for_=()),
    Door("in_person:document", "paper draft document", kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    Door("in_person:document", "draft document", kind=SIGNED_IN, get=404, for_=()),
    Door("in_person:print", "paper draft photo", kind=SIGNED_IN, get=200, for_=SCHOOL_A),
    Door("in_person:print", "draft photo", kind=SIGNED_IN, get=404, for_=()),
    Door("in_person:upload", "paper draft", ("f065",), SIGNED_IN, post=400, for_=SCHOOL_A),
]
SIGNING = [
    Door("filing:sign", "draft", (), SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:sign_supplement", "filed", (), SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("cabinet:sign_withdrawal", "filed", (), SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=A),
    Door("review:sign_decision", "proposed", (), SIGNED_IN, ELSEWHERE, ELSEWHERE, for_=DIRECTORS),
    *(
        Door(f"signing:{name}", ids, (), SIGNED_IN, get=get, post=post, for_=for_)
        for ids, for_ in {
            "batch": A, "director's batch": DIRECTORS, "former director's batch": (),
        }.items()
        for name, get, post in (
            ("page", 200, None), ("complete", ELSEWHERE, ELSEWHERE), ("status", 200, None),
            ("check", ELSEWHERE, ELSEWHERE), ("result", ELSEWHERE, None),
        )
    ),
    *(
        Door("signing:document", ids, (1,), SIGNED_IN, get=200, for_=for_)
        for ids, for_ in (
            ("batch", A), ("director's batch", DIRECTORS), ("former director's batch", ()),
        )
    ),
    Door("review:carry", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=(DIRECTOR, OTHER_DIRECTOR)),
    Door("review:bulk", kind=SIGNED_IN, get=ELSEWHERE, post=ELSEWHERE, for_=(DIRECTOR, OTHER_DIRECTOR)),
    # Nobody signs in at these two: the first is as unguessable as its token, the second wants the Bearer too.
    Door("signing:mobile", "batch", kind=OPEN, get=200),
    Door("signing:mobile_documents", "batch", kind=OPEN, get=403),
]  # fmt: skip

# Of each kind of reference data the pages that it has; an empty form is no row, and what may go goes.
REFERENCE = [
    Door("reference:index", kind=SIGNED_IN, get=200, for_=(OPS,)),
    *(
        Door(f"reference:schools_{name}_{page}", ids, (), SIGNED_IN, get, post, {"post": "yes"}, (OPS,))
        for name, pages in {
            "school": ("changelist", "add", "change"),
            "intake": ("changelist", "add", "change"),
            "period": ("changelist", "add", "change", "delete"),
            "holiday": ("changelist", "add", "change", "delete"),
            "language": ("changelist", "add", "change"),
            "streetalias": ("changelist", "add", "delete"),
            "endedplace": ("changelist", "add", "delete"),
        }.items()
        for page, ids, get, post in (
            ("changelist", "", 200, None), ("add", "", 200, 400), ("change", f"{name} row", 200, 400),
            ("delete", f"{name} row", 200, ELSEWHERE),
        )
        if page in pages
    ),
    # Nothing of it must be filled in: that nobody knows the successor any more is an answer too.
    Door(
        "reference:schools_endedplace_change", "endedplace row", (), SIGNED_IN, 200, ELSEWHERE,
        {"post": "yes"}, (OPS,),
    ),
]  # fmt: skip
DOORS = [*PUBLIC, *OWN, *PARENT, *SCHOOL, *SIGNING, *REFERENCE]
CHANGE_NOTHING = {("review:sign", EXECUTOR), ("review:return", EXECUTOR)}  # a redirect that is a refusal
# The SMS gateway has no CSRF token; the public checks change nothing, and a token would need a cookie.
WITHOUT_CSRF = {"notifications:sms_report", "public:before", "papers:form", "papers:paper"}
