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

    @property
    def mark(self) -> str:
        """Of the answers of this page."""
        return answers.mark(Application(**(self.answered or {})), steps.CHILD)

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


NUMBER = "number"  # its mark, among those of the children


def _agreed_phone(drafts: list[Candidate]) -> str:
    found = {(one.answered or {}).get("extra_phone", "") for one in drafts}
    return str(found.pop()) if len(found) == 1 else ""


class StartForm(ChildForm):
    """Step 1 of a new application: also which child it is for; foreign children are no choice at all. Of the
    only child what its draft has answered stands there already; of several the answers of each draft stand
    beside its child, and the second number, which is the applicant's, in its field where the drafts agree
    (D70). So the mark is that of the only child's answers, or one of each child's and one of that number."""

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
        if typed_at := self._typed_at:
            return typed_at
        if self.only:
            return self.only.mark
        marks = {key: one.mark for key, one in self.by_key.items()}
        marks[NUMBER] = seen.mark({NUMBER: self.initial["extra_phone"]})
        return " ".join(f"{key}:{mark}" for key, mark in marks.items())

    @property
    def _typed_at(self) -> str:
        typed_at: str = self.data.get(seen.FIELD, "")
        return typed_at

    @property
    def of_several(self) -> bool:
        """Was it, when the page was shown?"""
        return ":" in self._typed_at

    @property
    def _marks(self) -> dict[str, str]:
        return dict(one.split(":", 1) for one in self._typed_at.split() if ":" in one)

    def seen_of_chosen(self) -> str:
        """The mark of the chosen child's answers, as they were shown."""
        return self._marks.get(self.cleaned_data["child"], "") if self.of_several else self._typed_at

    def typed(self) -> dict[str, Any]:
        """Beside the answers of several children: what was left as the page had it, empty or with the number
        on which the drafts agreed, says nothing of the one that was chosen."""
        given = {name: self.cleaned_data[name] for name in answers.NAMES[steps.CHILD]}
        if self._marks.get(NUMBER) == seen.mark({NUMBER: given["extra_phone"]}):
            del given["extra_phone"]
        return {name: value for name, value in given.items() if value}

    def chosen(self) -> Child:
        return self.by_key[self.cleaned_data["child"]].child
