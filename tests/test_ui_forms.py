"""The form renderer: labels, hints and errors tied together, and an error summary that leads to the field."""

import re
from datetime import date

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.template.loader import render_to_string
from django.utils import translation

from oqu.forms import PortalBoundField, PortalRenderer

WAYS = [("LOCAL", "Иә"), ("OUTSIDE", "Жоқ")]


class Example(forms.Form):
    phone = forms.CharField(label="Телефон", help_text="Мысалы, +7 701 123 45 67")
    way = forms.ChoiceField(
        label="Мектепті шағын аудан бойынша таңдау қажет пе?", choices=WAYS, widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="Деректердің дұрыстығын растаймын", help_text="Міндетті белгі")
    photo = forms.FileField(label="Фотосурет")
    note = forms.CharField(label="Ескертпе", required=False, widget=forms.Textarea)


@pytest.fixture
def empty() -> Example:
    return Example({})


def test_field_ties_label_hint_and_error(empty: Example) -> None:
    html = empty["phone"].as_field_group()

    assert '<label class="field__label" for="id_phone">Телефон' in html
    assert '<p class="hint" id="id_phone_helptext">' in html
    assert '<ul class="errorlist" id="id_phone_error">' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html
    assert 'aria-invalid="true"' in html


def test_radios_are_a_fieldset_with_a_legend(empty: Example) -> None:
    html = empty["way"].as_field_group()

    assert '<fieldset aria-describedby="id_way_error">' in html
    assert '<legend class="field__label">Мектепті шағын аудан бойынша таңдау қажет пе?' in html
    assert html.count('type="radio"') == 2
    assert "aria-invalid" not in html


def test_checkbox_label_follows_its_box(empty: Example) -> None:
    html = empty["agreed"].as_field_group()

    assert html.index('type="checkbox"') < html.index('<label for="id_agreed">')
    assert 'aria-describedby="id_agreed_helptext id_agreed_error"' in html


@pytest.mark.parametrize("name", ["phone", "way", "agreed", "photo", "note"])
def test_field_never_has_required(name: str) -> None:
    html = Example()[name].as_field_group()

    assert not re.search(r"<(input|textarea)[^>]*\srequired", html)


@pytest.mark.rule("R48")
def test_required_field_has_a_star_and_optional_has_none() -> None:
    form = Example()

    assert '<span class="field__star">*</span>' in form["phone"].as_field_group()
    assert "field__star" not in form["note"].as_field_group()


def test_option_is_drawn_by_the_page_own_part() -> None:
    html = render_to_string(
        "_components/field.html",
        {"field": Example()["way"], "cards": True, "option_template": "_components/field_label.html"},
    )

    assert "choices--cards" in html


def test_answers_are_never_cleared() -> None:
    form = Example({"phone": "жаман <нөмір>", "way": "OUTSIDE"})

    assert 'value="жаман &lt;нөмір&gt;"' in form["phone"].as_field_group()
    assert re.search(r'value="OUTSIDE"[^>]*checked', form["way"].as_field_group())


def test_error_summary_leads_to_each_field(empty: Example) -> None:
    html = render_to_string("_components/errors.html", {"form": empty})

    assert "Қателер бар" in html
    for target in ("id_phone", "id_way_0", "id_agreed", "id_photo"):
        assert f'href="#{target}"' in html
        assert f'id="{target}"' in str(empty)
    assert "#id_note" not in html


def test_error_summary_repeats_the_message_word_for_word(empty: Example) -> None:
    summary = render_to_string("_components/errors.html", {"form": empty})

    for field in empty:
        for error in field.errors:
            assert f">{error}</a>" in summary
            assert f"<li>{error}</li>" in field.as_field_group()


def test_error_summary_takes_the_focus_and_speaks_once(empty: Example) -> None:
    html = render_to_string("_components/errors.html", {"form": empty})

    assert re.search(r'<div class="errors" tabindex="-1" autofocus[^>]*>\s*<div role="alert">', html)


def test_error_summary_is_absent_without_errors() -> None:
    assert render_to_string("_components/errors.html", {"form": Example()}).strip() == ""


def test_error_summary_is_translated(empty: Example) -> None:
    with translation.override("ru"):
        assert "Есть ошибки" in render_to_string("_components/errors.html", {"form": empty})


class Inputs(forms.Form):
    """Every kind of `<input>` that the portal writes without a template."""

    text = forms.CharField(max_length=9, widget=forms.TextInput(attrs={"data-a": "<&'", "autofocus": True}))
    number = forms.IntegerField(min_value=0)
    day = forms.DateField(widget=forms.DateInput(format="%d.%m.%Y", attrs={"data-off": False}))
    letter = forms.EmailField()
    hidden = forms.CharField(widget=forms.HiddenInput)
    tick = forms.BooleanField()
    file = forms.FileField(widget=forms.FileInput(attrs={"accept": ".pdf"}))
    way = forms.ChoiceField(choices=[("a", "A"), ('"', "<b>")], widget=forms.RadioSelect)


class OfTemplates(TemplatesSetting):
    """The same without a way of its own."""

    bound_field_class = PortalBoundField


@pytest.mark.parametrize("name", Inputs.base_fields)
def test_an_input_is_written_as_its_template_writes_it(name: str) -> None:
    initial = {"number": 12345, "day": date(2026, 9, 1), "tick": True, "way": '"', "text": "Ә «і»"}
    hostile = dict.fromkeys(Inputs.base_fields, '"><script>&#39;')

    for typed in (None, {}, hostile):
        forms_of_both = [
            Inputs(typed, initial=initial, renderer=one()) for one in (PortalRenderer, OfTemplates)
        ]
        ours, plain = [[str(form[name]), form[name].subwidgets[0].tag()] for form in forms_of_both]
        assert ours == plain and ours[1].startswith("<input ")
