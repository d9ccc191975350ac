"""`domivka messages`: what the pages say, and its English, without GNU gettext.

Ukrainian is written in the code and the templates. For every context this tool keeps
`locale/en/LC_MESSAGES/django.po` complete, and `locale/uk/…/django.po` with the plural forms only (Ukrainian needs
three). `--check` fails on whatever is missing, empty, fuzzy or no longer used.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import block_re, constant_re, endblock_re, inline_re, plural_re

PACKAGE = Path(__file__).resolve().parents[1]
PLURALS = {"en": "nplurals=2; plural=(n != 1);", "uk": (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
)}  # fmt: skip
_CONTEXT = re.compile(r"""\bcontext\s+("[^"]*"|'[^']*')""")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)[^{}]*\}")

# What each function of django.utils.translation takes, in order.
_FUNCTIONS = {
    "gettext": ("id",), "gettext_lazy": ("id",), "gettext_noop": ("id",),
    "ngettext": ("id", "plural"), "ngettext_lazy": ("id", "plural"),
    "pgettext": ("context", "id"), "pgettext_lazy": ("context", "id"),
    "npgettext": ("context", "id", "plural"), "npgettext_lazy": ("context", "id", "plural"),
}  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """One thing the pages say: `plural` is empty where there is none."""

    id: str
    plural: str = ""
    context: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        return self.id, self.context


@dataclass
class Found:
    """The phrases of one context in order of appearance, with the files that say them."""

    places: dict[Phrase, list[str]] = field(default_factory=dict)

    def add(self, phrase: Phrase, place: str) -> None:
        files = self.places.setdefault(phrase, [])
        if place not in files:
            files.append(place)


def phrases_of_python(source: str) -> Iterator[Phrase]:
    """Every call of gettext and its relatives, under whatever name the file imports them."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        function = call.func
        name = names.get(function.id, "") if isinstance(function, ast.Name) else ""
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            name = function.attr if names.get(function.value.id) is None and "gettext" in function.attr else name
        if name not in _FUNCTIONS:
            continue
        texts = [node.value for node in call.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        if len(texts) < len(_FUNCTIONS[name]):
            continue  # a variable: the text itself is marked where it is written
        given = dict(zip(_FUNCTIONS[name], texts, strict=False))
        yield Phrase(given["id"], given.get("plural", ""), given.get("context"))


def phrases_of_template(source: str) -> Iterator[Phrase]:
    """`{% translate %}`, `{% blocktranslate %}` with plural and context, and `_("…")` in tags and filters."""
    opened = ""
    parts: list[str] = []
    singular: list[str] | None = None
    for token in Lexer(source).tokenize():
        if opened:
            if token.token_type == TokenType.BLOCK and endblock_re.match(token.contents):
                yield _block(opened, parts, singular)
                opened = ""
            elif token.token_type == TokenType.BLOCK and plural_re.match(token.contents):
                singular, parts = parts, []
            elif token.token_type == TokenType.VAR:
                parts.append(f"%({token.contents})s")
            elif token.token_type == TokenType.TEXT:
                parts.append(token.contents.replace("%", "%%"))
            continue
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        if token.token_type == TokenType.BLOCK and block_re.match(token.contents):
            opened, parts, singular = token.contents, [], None
        elif token.token_type == TokenType.BLOCK and (inline := inline_re.match(token.contents)):
            yield Phrase(_unquoted(inline[1]).replace("%", "%%"), context=_context(token.contents))
        for constant in constant_re.findall(token.contents):
            yield Phrase(_unquoted(constant).replace("%", "%%"))


def _block(opened: str, parts: list[str], singular: list[str] | None) -> Phrase:
    texts = ["".join(singular if singular is not None else parts), "".join(parts) if singular is not None else ""]
    if re.search(r"\btrimmed\b", opened):
        texts = [trim_whitespace(text) for text in texts]
    return Phrase(texts[0], texts[1], _context(opened))


def _context(contents: str) -> str | None:
    found = _CONTEXT.search(contents)
    return _unquoted(found[1]) if found else None


def _unquoted(text: str) -> str:
    return re.sub(r"""^(?:_\()?\s*(["'])(.*)\1\s*\)?$""", r"\2", text.strip(), flags=re.DOTALL)


def found_in(context: Path) -> Found:
    """Everything that a context says."""
    found = Found()
    for file in sorted([*context.rglob("*.py"), *context.rglob("*.html"), *context.rglob("*.txt")]):
        if "migrations" in file.parts:
            continue
        read = phrases_of_python if file.suffix == ".py" else phrases_of_template
        for phrase in read(file.read_text()):
            found.add(phrase, str(file.relative_to(PACKAGE.parent)))
    return found


def contexts() -> list[Path]:
    return sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def _catalogue_file(context: Path, language: str) -> Path:
    return context / "locale" / language / "LC_MESSAGES" / "django.po"


def _read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language, ignore_obsolete=True, abort_invalid=True)


def _translations(catalogue: Catalog) -> dict[tuple[str, str | None], Message]:
    return {
        (message.id if isinstance(message.id, str) else message.id[0], message.context): message
        for message in catalogue
        if message.id
    }


def _wanted(found: Found, language: str) -> dict[Phrase, list[str]]:
    return {phrase: places for phrase, places in found.places.items() if language == "en" or phrase.plural}


def update(context: Path, language: str, known: dict[tuple[str, str | None], Message]) -> None:
    """Rewrite one catalogue: what is said now, with the translations that were there or that another context has."""
    file = _catalogue_file(context, language)
    wanted = _wanted(found_in(context), language)
    if not wanted:
        file.unlink(missing_ok=True)
        return
    mine = _translations(_read(file, language))
    fresh = Catalog(locale=language)
    for phrase, places in wanted.items():
        old = mine.get(phrase.key) or known.get(phrase.key)
        text = old.string if old is not None and isinstance(old.id, str) != bool(phrase.plural) else None
        fresh.add(
            (phrase.id, phrase.plural) if phrase.plural else phrase.id,
            text,
            locations=[(place, 0) for place in places],
            flags={"fuzzy"} if old is not None and old.fuzzy else set(),
            user_comments=old.user_comments if old is not None else (),
            context=phrase.context,
        )
    body = BytesIO()
    write_po(body, fresh, width=110, omit_header=True, include_lineno=False)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        f'"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(header.encode() + body.getvalue().rstrip() + b"\n")


def problems(context: Path, language: str) -> Iterator[str]:
    """Why a catalogue is not complete, one line each."""
    file = _catalogue_file(context, language)
    wanted = _wanted(found_in(context), language)
    have = _translations(_read(file, language))
    where = f"{context.name}/{language}"
    for phrase in wanted:
        message = have.pop(phrase.key, None)
        if message is None or isinstance(message.id, str) == bool(phrase.plural):
            yield f"{where}: missing: {phrase.id!r}"
            continue
        texts = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        if message.fuzzy:
            yield f"{where}: fuzzy: {phrase.id!r}"
        elif not all(texts):
            yield f"{where}: empty: {phrase.id!r}"
        elif any(not _placeholders(text) <= _placeholders(phrase.id + phrase.plural) for text in texts) or (
            not phrase.plural and _placeholders(texts[0]) != _placeholders(phrase.id)
        ):
            yield f"{where}: the values named differ: {phrase.id!r}"
    for unused, _ in have:
        yield f"{where}: no longer said: {unused!r}"


def _placeholders(text: str) -> set[str]:
    return {found.group(0) for found in _PLACEHOLDER.finditer(text)}


def compile_catalogues() -> None:
    """Write the .mo beside every .po that is newer."""
    for file in PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po"):
        compiled = file.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= file.stat().st_mtime:
            continue
        # Written aside first: another process may be reading the old one.
        aside = compiled.with_suffix(".new")
        with aside.open("wb") as stream:
            write_mo(stream, _read(file, file.parts[-3]))
        aside.replace(compiled)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="domivka messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail on what is not translated")
    parser.add_argument("contexts", nargs="*", help="only these contexts")
    arguments = parser.parse_args(argv)
    chosen = [path for path in contexts() if not arguments.contexts or path.name in arguments.contexts]
    if not arguments.check:
        known = {
            language: {
                key: message
                for context in contexts()
                for key, message in _translations(_read(_catalogue_file(context, language), language)).items()
                if message.string
            }
            for language in PLURALS
        }
        for context in chosen:
            for language in PLURALS:
                update(context, language, known[language])
        compile_catalogues()
    lines = [line for context in chosen for language in PLURALS for line in problems(context, language)]
    for line in lines:
        sys.stdout.write(line + "\n")
    if lines and not arguments.check:
        sys.stdout.write(f"{len(lines)} phrases are still to be translated in domivka/*/locale/\n")
    return 1 if lines and arguments.check else 0
