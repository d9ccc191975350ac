"""What a town changes in its bill: colour, logo, words, an advertisement, the order of columns. Data, not Python."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from domivka.kernel import audit
from domivka.kernel.errors import DomainError
from domivka.statements.models import BillDesign

COLUMNS: Final = (
    "service", "meter", "boxes", "readings", "volume", "price", "charged", "debt", "paid", "recalculation", "subsidy",
    "compulsory", "to_pay", "paying",
)  # fmt: skip
"""Columns of the bill in the usual order; «readings» are three that stay together under one heading."""
LOGO_LIMIT: Final = 60_000
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_ACTIVE: Final = re.compile(r"<!DOCTYPE|<!ENTITY|<script|<image|<foreignObject|href\s*=\s*[\"'](?!#)", re.IGNORECASE)


class BadLook(DomainError):
    """The design would not print; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Look:
    """A town's design. Empty texts leave the design file's own; `logo` is SVG."""

    colour: str = "#1e4f91"
    heading: str = ""
    notice: str = ""
    advertisement_title: str = ""
    advertisement: str = ""
    logo: str = ""
    columns: tuple[str, ...] = COLUMNS

    def check(self) -> None:
        """Raises `BadLook`."""
        if not _COLOUR.fullmatch(self.colour):
            raise BadLook(_("Колір має бути такого вигляду: #1e4f91."))
        if sorted(self.columns) != sorted(COLUMNS):
            raise BadLook(_("У порядку колонок кожна колонка має бути один раз."))
        if self.logo:
            _check_logo(self.logo)

    def as_json(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "columns": list(self.columns)}

    def inputs(self) -> str:
        """What the design file reads; equal looks give equal text."""
        return json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)


def _check_logo(svg: str) -> None:
    if len(svg) > LOGO_LIMIT or _ACTIVE.search(svg):
        raise BadLook(_("Логотип має бути простим рисунком SVG до 60 кБ, без вкладених картинок і посилань."))
    try:
        root = ET.fromstring(svg)  # noqa: S314 - without a document type there is nothing to expand
    except ET.ParseError as error:
        raise BadLook(_("Логотип не читається як SVG.")) from error
    if root.tag.rpartition("}")[2] != "svg":
        raise BadLook(_("Логотип не читається як SVG."))


def from_json(data: dict[str, Any]) -> Look:
    """A look as it was kept; an empty dictionary is the usual one."""
    return Look(**{**data, "columns": tuple(data.get("columns") or COLUMNS)})


def look_of(*, town_id: int) -> Look:
    """The town's design, or the usual one; one query."""
    row = BillDesign.objects.filter(pk=town_id).first()
    if row is None:
        return Look()
    return Look(
        colour=row.colour,
        heading=row.heading,
        notice=row.notice,
        advertisement_title=row.advertisement_title,
        advertisement=row.advertisement,
        logo=row.logo,
        columns=tuple(row.columns or COLUMNS),
    )


def save_look(*, town_id: int, look: Look, user_id: int, at: dt.datetime) -> None:
    """Keep the town's design for every bill made from now on. Raises `BadLook`."""
    look.check()
    BillDesign.objects.update_or_create(town_id=town_id, defaults={**look.as_json(), "updated_at": at})
    audit.record(
        at=at, actor_id=user_id, action="statements.design", object_kind="town", object_id=town_id, town_id=town_id
    )
