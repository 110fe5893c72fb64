"""How every form of the portal is drawn: one field template, no HTML5 validation (docs/ui.md)."""

from typing import Any

from django.forms import BoundField, CharField, Widget
from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from accounts import typed

INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in ("text", "date", "number", "email", "hidden", "checkbox", "file", "radio_option")
)


class PortalBoundField(BoundField):
    """A field that never carries `required` and knows where the error summary must lead."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        # The browser's own checks speak the browser's language and stop the server from answering.
        attrs = super().build_widget_attrs(attrs, widget)
        attrs.pop("required", None)
        if self.use_fieldset:  # one radio is never invalid: the group is, and its fieldset says so
            attrs.pop("aria-invalid", None)
        return attrs

    def value(self) -> Any:
        """A text without what nobody sees: it was refused with it, and the person sends what they see."""
        shown = super().value()
        if not isinstance(self.field, CharField) or not isinstance(shown, str):
            return shown
        return typed.visible(shown, lines=typed.takes_lines(self.field))

    @property
    def starred(self) -> bool:
        """Must be filled in (R48): its field says so, or its form, which demands it later than the rest."""
        return self.field.required or self.name in getattr(self.form, "demanded", ())

    @property
    def target(self) -> str:
        """Id of the input that an error line links to: of a group of choices, the first one."""
        if self.use_fieldset and self.subwidgets:
            return self.subwidgets[0].id_for_label or ""
        return self.id_for_label


class PortalRenderer(TemplatesSetting):
    """Named in settings.FORM_RENDERER; templates may be overridden by the project's own."""

    field_template_name = "_components/field.html"
    form_template_name = "_components/form.html"
    bound_field_class = PortalBoundField

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """A plain `<input>` is written without its templates, which cost half of its field."""
        widget = context.get("widget", {})
        if template_name in INPUTS and not widget.get("wrap_label"):
            return _input(widget)
        return super().render(template_name, context, request)


def _input(widget: dict[str, Any]) -> SafeString:
    """As django/forms/widgets/input.html writes it."""
    given = [("type", widget["type"]), ("name", widget["name"])]
    if widget["value"] is not None:
        given.append(("value", f"{widget['value']}"))
    attributes = [
        f" {conditional_escape(name)}" + ("" if said is True else f'="{conditional_escape(said)}"')
        for name, said in [*given, *widget["attrs"].items()]
        if said is not False
    ]
    return SafeString(f"<input{''.join(attributes)}>")
