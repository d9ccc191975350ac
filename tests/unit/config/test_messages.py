"""What the extraction of phrases finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from domivka.config import messages
from domivka.config.messages import Phrase


def test_python_phrases_are_found_under_any_name() -> None:
    source = (
        "from django.utils.translation import gettext as _, ngettext, pgettext_lazy as marked\n"
        "a = _('Мій ' 'дім')\n"
        "b = ngettext('%(n)d рядок', '%(n)d рядки', n)\n"
        "c = marked('кнопка', 'Далі')\n"
        "d = _(variable)\n"
        "e = other('ні')\n"
    )

    found = list(messages.phrases_of_python(source))

    assert found == [Phrase("Мій дім"), Phrase("%(n)d рядок", "%(n)d рядки"), Phrase("Далі", context="кнопка")]


def test_template_phrases_are_found_with_plural_context_and_filters() -> None:
    source = (
        "{% translate 'Усе 100%' %}{% translate \"Далі\" context 'кнопка' %}"
        "{% blocktranslate trimmed with name=home.name %}\n  Дім\n  {{ name }}\n{% endblocktranslate %}"
        "{% blocktranslate count n=n %}{{ n }} рядок{% plural %}{{ n }} рядки{% endblocktranslate %}"
        "{{ title|default:_('Без назви') }}{% include 'a.html' with title=_(\"Назва\") %}"
    )

    found = list(messages.phrases_of_template(source))

    assert found == [
        Phrase("Усе 100%%"),
        Phrase("Далі", context="кнопка"),
        Phrase("Дім %(name)s"),
        Phrase("%(n)s рядок", "%(n)s рядки"),
        Phrase("Без назви"),
        Phrase("Назва"),
    ]


def _context(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(messages, "PACKAGE", folder / "domivka")
    context = folder / "domivka" / "homes"
    context.mkdir(parents=True)
    (context / "__init__.py").write_text("")
    (context / "web.py").write_text("from django.utils.translation import gettext as _\na = _('Дім %(x)s')\n")
    return context


def test_update_writes_a_catalogue_that_check_refuses_until_it_is_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _context(tmp_path, monkeypatch)

    before = list(messages.problems(context, "en"))
    messages.update(context, "en", {})
    after = list(messages.problems(context, "en"))

    assert before == ["homes/en: missing: 'Дім %(x)s'"]
    assert after == ["homes/en: empty: 'Дім %(x)s'"]


def test_check_refuses_fuzzy_unused_and_other_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = _context(tmp_path, monkeypatch)
    file = context / "locale" / "en" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)

    file.write_text('msgid ""\nmsgstr ""\n\n#, fuzzy\nmsgid "Дім %(x)s"\nmsgstr "Home %(x)s"\n')
    fuzzy = list(messages.problems(context, "en"))
    file.write_text('msgid ""\nmsgstr ""\n\nmsgid "Дім %(x)s"\nmsgstr "Home %(y)s"\n\nmsgid "Зайве"\nmsgstr "Old"\n')
    other = list(messages.problems(context, "en"))

    assert fuzzy == ["homes/en: fuzzy: 'Дім %(x)s'"]
    assert other == ["homes/en: the values named differ: 'Дім %(x)s'", "homes/en: no longer said: 'Зайве'"]


def test_update_keeps_translations_and_drops_what_is_no_longer_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _context(tmp_path, monkeypatch)
    file = context / "locale" / "en" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid ""\nmsgstr ""\n\nmsgid "Дім %(x)s"\nmsgstr "Home %(x)s"\n\nmsgid "Зайве"\nmsgstr "Old"\n')

    messages.update(context, "en", {})
    first = file.read_text()
    messages.update(context, "en", {})

    with file.open("rb") as stream:
        assert [(message.id, message.string) for message in read_po(stream) if message.id] == [
            ("Дім %(x)s", "Home %(x)s")
        ]
    assert file.read_text() == first
    assert list(messages.problems(context, "en")) == []


def test_every_context_of_domivka_can_be_read() -> None:
    assert "portal" in [path.name for path in messages.contexts()]
    assert all(messages.found_in(path) is not None for path in messages.contexts())
