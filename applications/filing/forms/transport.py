"""Free transport and the address of residence (R78-R83, R211, R212)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from schools import residence
from schools.catalogue import Level
from schools.forms import REQUIRED, place_select


class TransportForm(TypedForm):
    transport = forms.BooleanField(label=_("Тегін тасымалдау қызметі қажет"), required=False)
    other = forms.BooleanField(label=_("Басқа мекенжайды таңдау"), required=False)
    line = forms.CharField(
        label=_("Мекенжай:"),
        help_text=_("Көше мен үй. Мысалы: Сәтбаев 1"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
        error_messages={"max_length": _("Мекенжай тым ұзын: 200 таңбадан аспауы тиіс.")},
    )

    def __init__(self, *args: Any, levels: list[Level], has_registered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.levels = levels
        if not has_registered:  # the register knows no address to fill in
            del self.fields["other"]
        for level in levels:
            self.fields[level.name] = place_select(level)
        self.order_fields(["transport", "other", *(level.name for level in levels), "line"])

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[level.name] for level in self.levels]

    @property
    def demanded(self) -> set[str]:
        """Of another address; they bear a star (R48) though without one nothing is asked."""
        return {level.name for level in self.levels[: residence.ENOUGH]} | {"line"}

    @property
    def code(self) -> str:
        """The deepest place chosen."""
        return next((one.chosen.kato for one in reversed(self.levels) if one.chosen), "")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("transport") and (data.get("other") or "other" not in self.fields):
            for level in self.levels[: residence.ENOUGH]:
                if level.chosen is None:
                    self.add_error(level.name, REQUIRED[level.name])
            if not (data.get("line") or "").strip() and not self.has_error("line"):
                self.add_error("line", _("Мекенжайды жазыңыз: көше мен үй."))
        return data

    def address(self, registered: dict[str, str]) -> dict[str, Any]:
        """What is stored with the application."""
        if not self.cleaned_data["transport"]:
            return {}
        line = self.cleaned_data["line"].strip()
        typed = self.cleaned_data.get("other") or "other" not in self.fields
        if not typed or residence.is_registered(line, self.code, registered):
            return {"same": True, "kato": registered.get("kato", ""), "line": ""}
        return {"same": False, "kato": self.code, "line": line}
