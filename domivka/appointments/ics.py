"""A visit for a calendar (RFC 5545): moments are UTC, so no calendar needs to know Kyiv's clocks."""

from __future__ import annotations

import datetime as dt
from typing import Final

from domivka.appointments.visits import VisitView

_LINE: Final = 75  # octets, by the standard


def event(visit: VisitView, *, url: str, at: dt.datetime) -> bytes:
    """The file, with an alarm two hours before; a cancelled visit takes its event away."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Domivka//Visits//UK", "METHOD:PUBLISH", "BEGIN:VEVENT",
        f"UID:visit-{visit.code}@domivka", f"DTSTAMP:{_utc(at)}", f"DTSTART:{_utc(visit.starts_at)}",
        f"DTEND:{_utc(visit.ends_at)}", f"SUMMARY:{_text(visit.question)}", f"LOCATION:{_text(f'{visit.office}, {visit.address}')}",
        f"DESCRIPTION:{_text(f'№ {visit.number}. {url}')}", f"URL:{url}",
        f"STATUS:{'CONFIRMED' if visit.is_booked else 'CANCELLED'}",
        "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(visit.question)}", "TRIGGER:-PT2H", "END:VALARM",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return b"\r\n".join(_folded(line) for line in lines)


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> bytes:
    """Lines longer than 75 octets go on in the next one after a space; a letter is never cut in two."""
    rows, row = [], b""
    for letter in line:
        octets = letter.encode()
        if len(row) + len(octets) > _LINE:
            rows.append(row)
            row = b" "
        row += octets
    return b"\r\n".join([*rows, row])
