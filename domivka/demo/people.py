"""The people of the demo: residents with different stories, staff, and what they need to sign in. Never for a real town."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from typing import Final

from django.conf import settings

from domivka.demo import appointments, cnap, privacy, sharing
from domivka.demo.build import Built
from domivka.demo.payments import debts_of, pay_in_cabinet
from domivka.demo.town.plan import Dwelling
from domivka.homes import api as homes
from domivka.identity import api as identity
from domivka.identity.api import Role
from domivka.kernel import clock
from domivka.ledger import api as ledger
from domivka.registry import api as registry
from domivka.registry.models import Provider

_WORDS: Final = [
    "Калина",
    "Ластівка",
    "Барвінок",
    "Смерека",
    "Криниця",
    "Джерело",
    "Волошка",
    "Зозуля",
    "Веселка",
    "Світанок",
]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A row of `demo.json`."""

    role: str
    login: str
    password: str
    home: str
    account: str
    authorisation_key: str
    story: str


@dataclass(frozen=True, slots=True)
class _Story:
    login: str
    district: str
    habit: str
    people: int
    words: str


_STORIES: Final = (
    _Story(
        "olena.borh",
        "left",
        "debtor",
        2,
        "борг за кілька місяців: подивіться, з чого він складається, і сплатіть; брат допомагає, а вона – бабусі",
    ),
    _Story("taras.pereplata", "left", "overpayer", 2, "переплата за більшістю послуг, платить карткою міста"),
    _Story(
        "mariana.bez.pokazan", "right", "careless", 2, "давно не подає показань: нараховано за середнім і за нормою"
    ),
    _Story("hanna.pensionerka", "left", "subsidised", 1, "пенсіонерка із субсидією, сплачує вчасно"),
    _Story("ostap.sadyba", "garden", "regular", 3, "приватний будинок: газове опалення, двозонний лічильник"),
)


SINCE: Final = dt.timedelta(days=45)
"""How long residents have had their homes here."""


def password_for(login: str) -> str:
    """A readable password of its own for each person of this installation; worthless outside the demo."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}:{login}".encode()).digest()
    return f"{_WORDS[digest[0] % len(_WORDS)]}-{int.from_bytes(digest[1:3]) % 9000 + 1000}"


def settle_people(built: Built, *, at: dt.datetime) -> list[DemoPerson]:
    """Residents with their homes and a payment or two, one without a home yet, staff of all roles."""
    services = registry.services_of(premises_ids=list(built.premises.values()), on=clock.today())
    by_premises: dict[int, list[int]] = {}
    number: dict[int, str] = {}
    for service in services:
        by_premises.setdefault(service.premises_id, []).append(service.account_service_id)
        number.setdefault(service.premises_id, service.account_number)
    balances = ledger.balances(account_service_ids=[pk for found in by_premises.values() for pk in found])
    people: list[DemoPerson] = []
    residents: dict[int, int] = {}
    taken: set[int] = set()
    ids: dict[str, int] = {}
    opened: dict[str, int] = {}
    premises_of: dict[str, int] = {}
    for story in _STORIES:
        home = _home_for(story, built, by_premises, {pk: money.kop for pk, money in balances.items()}, taken)
        taken.add(home.index)
        premises_id = built.premises[home.index]
        user_id = _person(story.login, home.holder, at)
        ids[story.login], premises_of[story.login] = user_id, premises_id
        granted = homes.grant_home(user_id=user_id, premises_id=premises_id, at=at - SINCE, actor_id=None)
        opened[story.login], residents[user_id] = granted.id, premises_id
        if story.habit in ("overpayer", "subsidised"):
            _pay_something(user_id, premises_id, by_premises[premises_id], at)
        people.append(_resident(story.login, premises_id, number[premises_id], story.words))
    sharing.share_homes(people=ids, home_ids=opened, at=at)
    _helper_pays(ids["taras.pereplata"], premises_of["olena.borh"], by_premises[premises_of["olena.borh"]], at)
    free = next(d for d in built.plan.dwellings if d.district == "right" and d.index not in taken and d.registered > 1)
    premises_id = built.premises[free.index]
    _person("bohdan.novyi", free.holder, at)
    words = "ще не додав оселю: додайте її за адресою, PIN прийде у тестову пошту, ключ авторизації тут"
    people.append(_resident("bohdan.novyi", premises_id, number[premises_id], words))
    staff = _staff(built, at)
    _look(built.town_id, residents, at)
    return people + staff


def _look(town_id: int, residents: dict[int, int], at: dt.datetime) -> None:
    """What staff looked at, so that «Мої дані» are not empty."""
    providers = dict(Provider.objects.filter(town_id=town_id).values_list("code", "pk"))
    found = {login: identity.find_person(login=_email(login)) for login, *_rest in _STAFF}
    clerks = {
        providers[provider]: pk
        for login, role, provider, *_rest in _STAFF
        if role == Role.PROVIDER and provider in providers and (pk := found[login]) is not None
    }
    operator = found["operator"]
    assert operator is not None  # noqa: S101 - `_staff` made them
    privacy.look_at(town_id=town_id, residents=residents, clerks=clerks, operator_id=operator, at=at)


def _home_for(
    story: _Story, built: Built, by_premises: dict[int, list[int]], balances: dict[int, int], taken: set[int]
) -> Dwelling:
    """The home that shows the story best: the largest debt, the largest overpayment, or the first that fits."""

    def owes(home: Dwelling) -> int:
        return sum(balances[pk] for pk in by_premises.get(built.premises[home.index], []))

    homes_there = [d for d in built.plan.dwellings if d.district == story.district and d.index not in taken]
    fitting = [d for d in homes_there if d.habit == story.habit and d.registered >= story.people]
    fitting = fitting or [d for d in homes_there if d.habit == story.habit] or homes_there
    if story.habit == "debtor":
        return max(fitting, key=owes)
    if story.habit == "overpayer":
        return min(fitting, key=owes)
    if story.habit == "careless":
        return next((d for d in fitting if d.index % 3 == 0), fitting[0])
    return fitting[0]


def _email(login: str) -> str:
    return f"{login}@vyshnehir.example"


def _person(login: str, name: tuple[str, str, str], at: dt.datetime) -> int:
    return identity.create_person(
        at=at,
        email=_email(login),
        password=password_for(login),
        surname=name[0],
        name=name[1],
        patronymic=name[2],
        birth_on=dt.date(1958, 3, 14) if "pensioner" in login else dt.date(1984, 6, 2),
    )


def _resident(login: str, premises_id: int, account: str, story: str) -> DemoPerson:
    view = registry.premises_view(premises_id=premises_id)
    key = homes.current_keys(premises_ids=[premises_id]).get(premises_id, "")
    return DemoPerson("resident", _email(login), password_for(login), view.address, account, key, story)


def _pay_something(user_id: int, premises_id: int, services: list[int], at: dt.datetime) -> None:
    owed = debts_of(services=services)
    for step, (service, kop) in enumerate(sorted(owed.items())[:2]):
        pay_in_cabinet(
            user_id=user_id,
            premises_id=premises_id,
            amounts={service: kop},
            at=at - dt.timedelta(minutes=40 * (2 - step)),
            token=f"demo-{service}",
        )


def _helper_pays(user_id: int, premises_id: int, services: list[int], at: dt.datetime) -> None:
    """The brother pays the smallest of the debts; it shows in the owner's payments and in the log of his access."""
    if owed := debts_of(services=services):
        service, kop = min(owed.items(), key=lambda pair: pair[1])
        moment = at - dt.timedelta(minutes=25)
        pay_in_cabinet(
            user_id=user_id, premises_id=premises_id, amounts={service: kop}, at=moment, token=f"demo-helper-{service}"
        )


_STAFF: Final = (
    ("water", Role.PROVIDER, "vodokanal", ("Кобилянська", "Ївга", "Юріївна"), "водоканал: нараховує сам, надсилає DBF"),
    ("akva", Role.PROVIDER, "akvaservis", ("Ґудзь", "Мар'ян", "Ігорович"), "вода правого берега: нараховується тут"),
    ("rada", Role.AUTHORITY, "", ("Левицька", "Соломія", "Іванівна"), "міська рада: рівень збору, статистика будинків"),
    (
        "cnap",
        Role.CNAP,
        "",
        ("Гнатюк", "Дарина", "Олегівна"),
        "адміністраторка ЦНАП: звернення, заяви, справи, візити, каталог",
    ),
    ("operator", Role.OPERATOR, "", ("Щур", "Євген", "Петрович"), "оператор: файли, нарахування, перевірка журналу"),
)


def _staff(built: Built, at: dt.datetime) -> list[DemoPerson]:
    providers = dict(Provider.objects.filter(town_id=built.town_id).values_list("code", "pk"))
    people = []
    for login, role, provider, name, words in _STAFF:
        user_id = _person(login, name, at)
        scope = {Role.PROVIDER: providers.get(provider), Role.AUTHORITY: built.town_id, Role.CNAP: built.town_id}.get(
            role
        )
        identity.grant_role(user_id=user_id, role=role, scope_id=scope, at=at, actor_id=None)
        if role == Role.CNAP:
            found = [identity.find_person(login=_email(story.login)) for story in _STORIES]
            residents = [pk for pk in found if pk]
            cnap.open_centre(town_id=built.town_id, at=at)
            cnap.ask_and_answer(town_id=built.town_id, residents=residents, admin_id=user_id, at=at)
            appointments.open_windows(town_id=built.town_id, admin_id=user_id, at=at)
            appointments.serve_past_days(town_id=built.town_id, admin_id=user_id, at=at)
            appointments.book_some(town_id=built.town_id, residents=residents[:4], at=at)
            appointments.close_a_day(town_id=built.town_id, resident=residents[3], admin_id=user_id, at=at)
        people.append(DemoPerson(role.value, _email(login), password_for(login), "", "", "", words))
    return people


def as_rows(people: list[DemoPerson]) -> list[dict[str, str]]:
    return [asdict(person) for person in people]
