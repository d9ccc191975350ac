"""Presets: how a provider's file maps to ours. Each is a TOML file in `presets/`, checked when it is loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

from domivka.exchange.errors import BadPreset, UnknownPreset
from domivka.exchange.formats.table import header_key
from domivka.registry.rules.folding import fold

FOLDER: Final = Path(__file__).parent / "presets"
FORMATS: Final = {"csv", "dbf", "xls", "xlsx"}
REQUIRED: Final = {
    "balances": {"account", "charged", "opening", "paid", "closing"},
    "register": {"account", "amount", "paid_on"},
    "addresses": {"street", "building"},
}
"""Fields that a preset of each kind must name a column for."""
MONEY: Final = ("opening", "charged", "correction", "penalty", "paid", "closing")
RELIEF: Final = ("subsidy", "benefit")
"""What others pay for a household: credits of its account, in the files that have them."""
_TEXT: Final = {"account", "holder", "street", "building", "flat", "address", "period", "service"}
ALLOWED: Final = {
    "balances": {*_TEXT, *MONEY, *RELIEF, "volume", "price", "meter_number", "meter_model"},
    "register": {
        "account", "holder", "address", "amount", "purpose", "paid_on", "paid_time", "service", "register_number",
        "register_on", "transaction", "period", "fee", "channel",
    },
    "addresses": {
        "street_kind", "street", "old_names", "building", "postal_index", "floors", "built_in", "flat", "area_m2",
        "heated_area_m2", "rooms", "registered", "living",
    },
}  # fmt: skip
_KEYS: Final = {
    "title", "kind", "formats", "provider", "open_unknown", "service", "sheets", "bank", "balance_sign", "columns",
    "services", "meter", "purposes", "zones", "meters",
    "optional",
}  # fmt: skip
METER_FIELDS: Final = ("number", "zone", "previous", "current")
"""Columns of a meter in a register: its number and zone where the file has them, what was read before and now."""
LINE_KINDS: Final = ("charge", "subscription")


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """Our service of a code in the file, and what kind of line its charge makes."""

    code: str
    kind: str = "charge"


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """A register of the meter: its readings, its volume when the file has one, and the coefficient of its price."""

    zone: str
    coefficient: Decimal
    has_volume: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """A checked preset. `columns` maps a field to the headers it may have; zone fields are `previous_0`, `current_0`…, those
    of a register's meters `meter_0_number`, `meter_0_current`…; `zone_codes` are the file's words for zones, folded."""

    name: str
    title: str
    kind: str
    formats: frozenset[str]
    provider: str
    bank: str
    columns: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    services: Mapping[str, ServiceRule]
    service: ServiceRule | None
    sheets: tuple[str, ...]
    purposes: Mapping[str, str]
    zones: tuple[ZoneRule, ...]
    meter_services: frozenset[str]
    balance_sign: int
    open_unknown: bool
    meters: int
    zone_codes: Mapping[str, str]

    @property
    def money(self) -> tuple[str, ...]:
        """The sums that files of this preset have."""
        return (*MONEY, *(field for field in RELIEF if field in self.columns))

    def places(self, header: Sequence[str]) -> dict[str, int] | None:
        """Which column each field is in, or None when this is not the header of the preset."""
        keys = [header_key(cell) for cell in header]
        found: dict[str, int] = {}
        for field, names in self.columns.items():
            place = next((keys.index(header_key(name)) for name in names if header_key(name) in keys), None)
            if place is not None:
                found[field] = place
            elif field not in self.optional:
                return None
        return found

    def accepts(self, header: Sequence[str]) -> bool:
        return self.places(header) is not None


def preset_names() -> list[str]:
    """Names of all presets."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load_preset(name: str) -> Preset:
    """The preset of a name. Raises `UnknownPreset`, `BadPreset`."""
    if name not in preset_names():
        raise UnknownPreset(f"Немає шаблону «{name}». Є: {', '.join(preset_names())}.")
    return parse_preset(name, (FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def parse_preset(name: str, text: str) -> Preset:
    """Check a preset's text. Raises `BadPreset` naming the key that is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPreset(f"Шаблон «{name}»: {error}.") from error
    try:
        return _preset(name, raw)
    except (TypeError, AttributeError, KeyError, InvalidOperation) as error:
        raise BadPreset(f"Шаблон «{name}»: неправильний тип або немає ключа: {error}.") from error


def _require(name: str, right: bool, problem: str) -> None:
    if not right:
        raise BadPreset(f"Шаблон «{name}»: {problem}.")


def _preset(name: str, raw: dict[str, Any]) -> Preset:
    kind, formats = str(raw.get("kind")), frozenset(raw.get("formats", []))
    _require(name, not (extra := raw.keys() - _KEYS), f"зайві ключі {', '.join(sorted(extra))}")
    _require(name, kind in REQUIRED, f"kind має бути одним із {', '.join(REQUIRED)}")
    _require(name, bool(formats) and formats <= FORMATS, f"formats — непорожній список із {', '.join(sorted(FORMATS))}")
    columns = {field: tuple(names) for field, names in raw.get("columns", {}).items()}
    missing, unknown = REQUIRED[kind] - columns.keys(), columns.keys() - ALLOWED[kind]
    _require(name, not missing, f"у [columns] немає полів {', '.join(sorted(missing))}")
    _require(name, not unknown, f"у [columns] невідомі поля {', '.join(sorted(unknown))}")
    services = {fold(code): ServiceRule(**rule) for code, rule in raw.get("services", {}).items()}
    _require(name, all(rule.kind in LINE_KINDS for rule in services.values()), f"kind послуги: {', '.join(LINE_KINDS)}")
    service = ServiceRule(raw["service"]) if "service" in raw else None
    if kind == "balances":
        _require(name, bool(raw.get("provider")), "немає provider")
        _require(name, (service is None) == ("service" in columns), "потрібна або колонка service, або одна service")
        _require(name, "service" not in columns or bool(services), "є колонка service, але немає [services]")
    _require(name, kind != "register" or bool(raw.get("bank")), "немає bank")
    sign = raw.get("balance_sign", 1)
    _require(name, sign in (1, -1), "balance_sign має бути 1 (борг зі знаком +) або -1")
    meter = raw.get("meter", {})
    zones, zone_columns = _zones(meter.get("zones", []))
    known = {rule.code for rule in services.values()} | ({service.code} if service else set())
    meter_services = frozenset(meter.get("services", []))
    _require(name, meter_services <= known, "у [meter] services є послуги, яких немає в шаблоні")
    meters = raw.get("meters", [])
    _require(name, kind == "register" or not meters, "[[meters]] буває лише в реєстрі платежів")
    _require(name, all("current" in one for one in meters), "у [[meters]] немає current")
    strange = {key for one in meters for key in one} - set(METER_FIELDS)
    _require(name, not strange, f"у [[meters]] невідомі поля {', '.join(sorted(strange))}")
    meter_columns = {f"meter_{n}_{key}": tuple(names) for n, one in enumerate(meters) for key, names in one.items()}
    every = {**columns, **zone_columns, **meter_columns}
    _require(name, all(names and all(names) for names in every.values()), "у колонки немає назви")
    optional = set(raw.get("optional", ())) | (ALLOWED[kind] - REQUIRED[kind] if kind == "addresses" else set())
    _require(
        name, optional <= ALLOWED[kind] - REQUIRED[kind], "в optional є поля, без яких файл не зрозуміти, або невідомі"
    )
    return Preset(
        name=name,
        title=raw["title"],
        kind=kind,
        formats=formats,
        provider=raw.get("provider", ""),
        bank=raw.get("bank", ""),
        columns=every,
        optional=frozenset(optional),
        services=services,
        service=service,
        sheets=tuple(raw.get("sheets", ())),
        purposes={fold(text): code for text, code in raw.get("purposes", {}).items()},
        zones=zones,
        meter_services=meter_services,
        balance_sign=sign,
        open_unknown=bool(raw.get("open_unknown", False)),
        meters=len(meters),
        zone_codes={fold(code): zone for code, zone in raw.get("zones", {}).items()},
    )


def _zones(raw: list[dict[str, Any]]) -> tuple[tuple[ZoneRule, ...], dict[str, tuple[str, ...]]]:
    rules, columns = [], {}
    for place, zone in enumerate(raw):
        rules.append(ZoneRule(zone["zone"], Decimal(zone.get("coefficient", "1")), "volume" in zone))
        for field in ("previous", "current", "volume"):
            if field in zone:
                columns[f"{field}_{place}"] = tuple(zone[field])
    return tuple(rules), columns
