"""Step 1: whose application, the additional phone, special needs (R49, R50, R55-R63)."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import seen
from accounts.models import Child, spaced
from accounts.typed import TypedForm
from applications import steps
from applications.filing import answers, phones
from applications.models import Application


@dataclass(frozen=True)
class Candidate:
    """A child as the list of choices shows it."""

    child: Child
    age: int  # on 31 December of the year the studies begin
    answered: dict[str, Any] | None  # on this page of the open draft
    draft: UUID | None = None

    @property
    def has_draft(self) -> bool:
        return self.answered is not None

    @property
    def told(self) -> list[str]:
        """What the draft has answered, beside the child where the page's fields are of several."""
        answered = self.answered or {}
        found = []
        if phone := answered.get("extra_phone"):
            found.append(str(_("Қосымша телефон: %(phone)s")) % {"phone": spaced(phone)})
        if answered.get("special_needs"):
            found.append(str(_("Ерекше білім беру қажеттіліктері бар деп белгіленген")))
        return found

    def __str__(self) -> str:
        return self.child.full_name


def clean_phone(typed: str) -> str:
    """E.164 of a number of Kazakhstan, mobile or city; "" of nothing."""
    typed = typed.strip()
    found = phones.normal(typed) if typed else ""
    if found is None:
        raise forms.ValidationError(
            _("Қазақстан телефонының нөмірін жазыңыз, ұялы немесе қалалық. Үлгі: +7 701 123 45 67.")
        )
    return found


class ChildForm(TypedForm):
    """All that step 1 asks: the applicant's additional phone (R50, D21), the child's needs (R60-R63)."""

    extra_phone = forms.CharField(
        label=_("Қосымша телефон нөмірі"),
        help_text=_(
            "Міндетті емес. Мектеп сізбен осы нөмір арқылы да байланыса алады. "
            "SMS бұл нөмірге жіберілмейді. Мысалы: +7 701 123 45 67"
        ),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "input--short"}),
        error_messages={
            "max_length": _("Телефон нөмірі тым ұзын. Үлгі: +7 701 123 45 67."),
        },
    )
    special_needs = forms.BooleanField(
        label=_("Ерекше білім беру қажеттіліктері бар бала"),
        help_text=_(
            "Бұл басымдық бермейді, тек мектепті хабардар етеді. "
            "Белгілесеңіз, құжаттарды жүктеу қадамында ПМПК анықтамасы міндетті болады."
        ),
        required=False,
    )

    def clean_extra_phone(self) -> str:
        return clean_phone(self.cleaned_data["extra_phone"])


def _agreed_phone(drafts: list[Candidate]) -> str:
    found = {(one.answered or {}).get("extra_phone", "") for one in drafts}
    return str(found.pop()) if len(found) == 1 else ""


class StartForm(ChildForm):
    """Step 1 of a new application: also which child it is for; foreign children are no choice at all. Of the
    only child what its draft has answered stands there already; of several the answers of each draft stand
    beside its child, and the second number, which is the applicant's, in its field where the drafts agree
    (D70)."""

    child = forms.ChoiceField(
        label=_("Өтінім қай бала үшін беріледі?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Қай бала үшін өтінім беретініңізді таңдаңыз."),
            "invalid_choice": _(
                "Бұл бала тізіміңізде жоқ. Тізімнен баланы таңдаңыз немесе «Баланы қосу» батырмасын басыңыз."
            ),
        },
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.child.pk): one for one in candidates}
        cast("forms.ChoiceField", self.fields["child"]).choices = list(self.by_key.items())
        self.only = candidates[0] if len(candidates) == 1 else None
        if self.only:
            self.initial.update(self.only.answered or {}, child=str(self.only.child.pk))
        else:
            self.initial["extra_phone"] = _agreed_phone(self.drafts)

    @property
    def drafts(self) -> list[Candidate]:
        return [one for one in self.by_key.values() if one.has_draft]

    def seen(self) -> str:
        """The mark of the answers shown; of several children none is."""
        if not self.only:
            return ""
        typed_at: str = self.data.get(seen.FIELD, "")
        return typed_at or answers.mark(Application(**(self.only.answered or {})), steps.CHILD)

    def chosen(self) -> Child:
        return self.by_key[self.cleaned_data["child"]].child
