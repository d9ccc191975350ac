"""The API that providers' systems call: accounts, balances, readings, files of charges."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Annotated, Any, Final

from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Header, NinjaAPI, Query, Schema
from ninja.files import UploadedFile
from ninja.security import APIKeyHeader
from pydantic import Field, StringConstraints

from domivka.exchange import api as exchange
from domivka.kernel import audit, clock, rows
from domivka.kernel.errors import DomainError, ForbiddenError, NotFoundError
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.metering import api as metering
from domivka.partner_api import keys, problems
from domivka.partner_api.keys import Caller
from domivka.partner_api.models import SubmittedReadings
from domivka.registry.models import AccountService, PersonalAccount

# NUL and lone surrogates cannot be stored, so they are refused at the door.
Text = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
MonthText = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]


class ProviderKey(APIKeyHeader):
    """`X-API-Key: dmv_…`; each key is one provider's."""

    param_name = "X-API-Key"

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        found = keys.caller(key=key or "", at=clock.now())
        if found is not None and keys.too_many(keys.count_request(key_id=found.key_id, at=clock.now())):
            raise problems.TooManyRequests("Цей ключ надсилає забагато запитів. Спробуйте за хвилину.")
        if found is not None:  # the database shows this provider's accounts only; the access middleware widens it again
            rows.narrow(provider_ids=[found.provider_id])
        return found


api = NinjaAPI(
    title="Домівка: API для надавачів послуг",
    version="1",
    urls_namespace="partner_api",
    docs_url=None,  # its page needs inline scripts, which our Content-Security-Policy forbids
    openapi_url="/openapi.json",
    auth=ProviderKey(),
)
problems.register(api)


def _caller(request: HttpRequest, scope: str) -> Caller:
    found: Caller = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    if scope not in found.scopes:
        raise ForbiddenError("Ключ не має права на цю дію.")
    return found


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""


class Health(Schema):
    status: str


class Balance(Schema):
    service: str
    name: str
    balance_kop: int = Field(description="Борг – додатне число, переплата – від'ємне, копійки")


class Account(Schema):
    number: str
    holder: str
    opened_on: dt.date
    closed_on: dt.date | None
    balances: list[Balance]


class Page(Schema):
    total: int
    accounts: list[Account]


ERRORS: Final[dict[int, Any]] = {401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}


@api.get("/health", response=Health, auth=None, summary="Чи працює API")
def health(request: HttpRequest) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


@api.get("/accounts", response={200: Page, **ERRORS}, summary="Особові рахунки за номерами")
def accounts(
    request: HttpRequest,
    number: Annotated[list[Text], Query(max_length=100, description="До ста номерів; без них – усі за порядком")] = [],  # noqa: B006 - read only
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> dict[str, object]:
    """Рахунки цього надавача з залишками по послугах."""
    asks = _caller(request, "accounts")
    own = PersonalAccount.objects.filter(provider_id=asks.provider_id)
    if number:
        own = own.filter(number__in=number)
    found = list(own.order_by("number")[offset : offset + limit])
    audit.record(
        at=clock.now(), actor_id=None, action="api.accounts_read", object_kind="api_key", object_id=asks.key_id,
        town_id=asks.town_id, is_read=True, detail={"rows": len(found), "provider": asks.provider_id},
        premises_ids=[row.premises_id for row in found],
    )  # fmt: skip
    return {"total": own.count(), "accounts": _with_balances(found)}


@api.get("/accounts/{number}", response={200: Account, **ERRORS}, summary="Один особовий рахунок")
def account(request: HttpRequest, number: Text) -> dict[str, object]:
    asks = _caller(request, "accounts")
    row = _account(asks, number)
    audit.record(
        at=clock.now(), actor_id=None, action="api.account_read", object_kind="account", object_id=row.pk,
        town_id=asks.town_id, is_read=True, detail={"api_key": asks.key_id, "provider": asks.provider_id},
        premises_ids=[row.premises_id],
    )  # fmt: skip
    return _with_balances([row])[0]


def _account(asks: Caller, number: str) -> PersonalAccount:
    row = PersonalAccount.objects.filter(provider_id=asks.provider_id, number=number).first()
    if row is None:
        raise NotFoundError("Немає такого особового рахунку.")
    return row


def _with_balances(accounts: list[PersonalAccount]) -> list[dict[str, object]]:
    services = list(
        AccountService.objects.filter(account__in=accounts)
        .order_by("provider_service__service__position")
        .values_list("pk", "account_id", "provider_service__service__code", "provider_service__service__name")
    )
    owed = ledger.balances(account_service_ids=[pk for pk, *_ in services])
    return [
        {
            "number": row.number,
            "holder": row.holder,
            "opened_on": row.opened_on,
            "closed_on": row.closed_on,
            "balances": [
                {"service": code, "name": name, "balance_kop": owed[pk].kop}
                for pk, account_id, code, name in services
                if account_id == row.pk
            ],
        }
        for row in accounts
    ]


class ReadingIn(Schema):
    meter_number: Text
    zone: Annotated[str, StringConstraints(pattern=r"^(single|day|night|peak|half_peak)$")] = "single"
    value: Decimal = Field(ge=0, max_digits=14, decimal_places=3)


class ReadingsIn(Schema):
    account_number: Text
    readings: list[ReadingIn] = Field(min_length=1, max_length=20)


class ReadingsOut(Schema):
    taken: int
    refused: list[str] = Field(description="Чому не прийнято, українською")


@api.post("/readings", response={200: ReadingsOut, 409: Problem, **ERRORS}, summary="Показання лічильників")
def readings(
    request: HttpRequest, payload: ReadingsIn, idempotency_key: Annotated[Text, Header()]
) -> dict[str, object] | HttpResponse:
    """Показання одного рахунку. Повторне надсилання з тим самим ключем Idempotency-Key нічого не змінює."""
    asks = _caller(request, "readings")
    text = json.dumps(payload.dict(), default=str, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        with transaction.atomic():
            row, first = SubmittedReadings.objects.get_or_create(
                key_id=asks.key_id,
                idempotency_key=idempotency_key,
                defaults={"digest": digest, "answer": {}, "at": clock.now()},
            )
            if first:
                row.answer = _take(asks, payload)
                row.save(update_fields=["answer"])
    except IntegrityError:  # the same message came at the same moment
        row = SubmittedReadings.objects.get(key_id=asks.key_id, idempotency_key=idempotency_key)
    if row.digest != digest:
        return problems.problem(409, "Цей Idempotency-Key уже мав інше повідомлення")
    answer: dict[str, object] = row.answer
    return answer


def _take(asks: Caller, payload: ReadingsIn) -> dict[str, object]:
    account_id = _account(asks, payload.account_number).pk
    ids = list(AccountService.objects.filter(account_id=account_id).values_list("pk", flat=True))
    found = {meter.number: meter.id for meter in metering.meters_of(account_service_ids=ids, on=clock.today())}
    refused = [f"Немає лічильника {r.meter_number}." for r in payload.readings if r.meter_number not in found]
    taken = metering.submit_readings(
        town_id=asks.town_id,
        account_service_ids=ids,
        readings=[
            metering.TypedReading(found[r.meter_number], r.zone, r.value)
            for r in payload.readings
            if r.meter_number in found
        ],
        channel=metering.Channel.PROVIDER,
        user_id=None,
        at=clock.now(),
    )
    return {"taken": taken.taken, "refused": refused + [str(error) for error in taken.refused]}


class ImportOut(Schema):
    batch_id: int
    created: bool = Field(description="false – цей файл уже є, нічого не зроблено")
    summary: dict[str, Any]


@api.post("/imports", response={200: ImportOut, **ERRORS}, summary="Файл нарахувань")
def imports(
    request: HttpRequest, period: Annotated[MonthText, Form()], file: Annotated[UploadedFile, File()]
) -> object:
    """Файл нарахувань надавача за місяць: приймається і перевіряється; застосовує його працівник на своїй сторінці."""
    asks = _caller(request, "imports")
    if asks.provider_code not in exchange.preset_names():
        raise DomainError("Для цього надавача немає опису файлу.")
    uploaded = exchange.upload(
        town_id=asks.town_id,
        preset=asks.provider_code,
        period=Period.parse(period),
        file_name=file.name or "file",
        content=file.read(),
        user_id=None,
        at=clock.now(),
    )
    summary: dict[str, Any] = {}
    if uploaded.created:
        summary = exchange.check(batch_id=uploaded.batch_id, at=clock.now())
    return {"batch_id": uploaded.batch_id, "created": uploaded.created, "summary": summary}
