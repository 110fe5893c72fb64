"""What is found or written once in a process says what Django's own tags say (oqu/templatetags/still.py,
translated.py)."""

from unittest.mock import patch

import pytest
from django.http import HttpResponse
from django.template import Context, Engine, Template
from django.templatetags import i18n
from django.urls import NoReverseMatch, path
from django.utils import translation

from accounts import addresses

PLAIN = Engine(libraries={"i18n": "django.templatetags.i18n"})
SOURCES = [
    "{% load i18n %}{% trans 'Мәзір' %}",
    "{% load i18n %}{% translate 'Мәзір' %}",
    "{% load i18n %}{% trans 'Мәзір' as word %}{{ word }}",
    "{% load i18n %}{% trans word %}",
    "{% load i18n %}{% trans 'Мәзір'|upper %}",
    "{% load i18n %}{% trans 'Мәзір' noop %}",
    "{% load i18n %}{% trans 'Мәзір' context 'of a menu' %}",
    "{% load i18n %}{% trans '100% <b>' %}",
    "{% load i18n %}{% blocktrans %}Мәзір{% endblocktrans %}",
    "{% url 'public:home' %}",
    "{% url 'public:home' as here %}{{ here }}",
    "{% url name %}",
    "{% url 'cabinet:application' 'a5a4a3a2-0000-4000-8000-000000000001' %}",
]
urlpatterns = [path("elsewhere/", lambda _request: HttpResponse(), name="elsewhere")]


@pytest.mark.parametrize("source", SOURCES)
def test_each_tag_says_in_each_language_what_django_says(source: str) -> None:
    ours, plain = Template(source), PLAIN.from_string(source)

    for language in ("kk", "ru", "kk", "ru"):
        known = {"word": "Мәзір", "name": "accounts:profile"}
        with translation.override(language):
            assert ours.render(Context(known)) == plain.render(Context(known)) != ""


def test_words_are_looked_up_once_for_each_language() -> None:
    words = Template("{% load i18n %}{% trans 'Мәзір' %}")

    with patch.object(i18n.TranslateNode, "render", side_effect=["Мәзір", "Меню"]):
        for language, word in [("kk", "Мәзір"), ("ru", "Меню")] * 2:
            with translation.override(language):
                assert words.render(Context()) == word


def test_an_address_is_of_its_own_tree(settings: object) -> None:
    address = Template("{% url 'public:home' %}")
    assert address.render(Context()) == "/"

    with patch.object(addresses, "get_urlconf", lambda: __name__):
        with pytest.raises(NoReverseMatch):
            address.render(Context())
        assert Template("{% url 'elsewhere' %}").render(Context()) == "/elsewhere/"


def test_a_part_knows_its_values_and_the_language_alone() -> None:
    part = "{% still '_components/steps.html' current=step route=route %}"

    def written(language: str, **known: object) -> str:
        with translation.override(language):
            return Template(part).render(Context(known))

    first = written("kk", step=1, route="")
    assert first == written("kk", step=1, route="", current=4, user="somebody")
    assert len({first, written("ru", step=1, route=""), written("kk", step=2, route="")}) == 3
    assert written("kk", step=2, route="") != written("kk", step=2, route="OUTSIDE")
