"""The desk for recalculations: two steps to a draft, what it would take off, apply, undo, paper and file."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import recalculations as desk
from domivka.billing.models import ChargeLine, Recalculation
from domivka.billing.tasks import apply_recalculation
from domivka.identity.models import Role, RoleGrant
from domivka.kernel.models import AuditEntry
from domivka.ledger import api as ledger
from domivka.privacy import trail
from domivka.registry.models import Building
from tests.builders import person, resident
from tests.database.billing.town import AT as CHARGED_AT
from tests.database.billing.town import OCT, House, norm, tariff

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
OUTAGE = {
    "first_on": "2026-10-05", "last_on": "2026-10-08", "percent_a_day": "3,3", "document": "Акт № 12",
    "document_on": "2026-11-02", "note": "Аварія на магістралі.",
}  # fmt: skip


class Desk:
    """The clerk of the water provider, with October charged."""

    def __init__(self) -> None:
        self.house = House()
        self._charge()
        self.provider_id = self.house.water[0].row.account.provider_id
        self.service_id = self.house.water[0].row.provider_service_id
        self.client = Client()
        clerk = person()
        RoleGrant.objects.create(user=clerk, role=Role.PROVIDER, scope_id=self.provider_id)
        self.client.force_login(clerk)

    def _charge(self) -> None:
        from domivka.billing import api as billing

        billing.run_month(town_id=self.house.id, period=OCT, at=CHARGED_AT)

    def url(self, name: str, *args: object, **query: object) -> str:
        found = reverse(f"backoffice:{name}", args=[self.provider_id, *args])
        return found + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")

    def page(self, name: str, *args: object, **query: object) -> str:
        response = self.client.get(self.url(name, *args, **query))
        assert response.status_code == 200
        return response.content.decode().replace("\u00a0", " ")

    def draft(self, reason: str = "outage_days", place: str = "service", **fields: object) -> Recalculation:
        path = self.url("new_recalculation", service=self.service_id, reason=reason, place=place)
        response = self.client.post(path, {**OUTAGE, **fields})
        assert response.status_code == 302, response.content.decode()
        return Recalculation.objects.latest("pk")

    def act(self, act: Recalculation, action: str) -> str:
        response = self.client.post(self.url("recalculation_act", act.pk, action), follow=True)
        return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def clerk(settings: Settings) -> Desk:
    settings.FROZEN_NOW = NOON
    return Desk()


def balance(clerk: Desk) -> int:
    return ledger.balances(account_service_ids=[clerk.house.water[0].id])[clerk.house.water[0].id].kop


def test_first_step_leads_to_the_fields_of_the_reason(clerk: Desk) -> None:
    days = clerk.page("new_recalculation", service=clerk.service_id, reason="outage_days", place="service")
    hours = clerk.page("new_recalculation", service=clerk.service_id, reason="outage_hours", place="buildings")
    away = clerk.page("new_recalculation", service=clerk.service_id, reason="absence", place="service")

    assert 'name="reason"' in clerk.page("new_recalculation")
    assert all(f'name="{name}"' in days for name in ("first_on", "last_on", "percent_a_day", "document"))
    assert all(f'name="{name}"' in hours for name in ("hours", "period", "buildings"))
    assert 'name="first_on"' not in hours
    assert all(f'name="{name}"' in away for name in ("account", "people_away"))
    assert 'name="percent_a_day"' not in away


def test_draft_shows_what_it_would_take_off_and_posts_nothing(clerk: Desk) -> None:
    act = clerk.draft()

    page = clerk.page("recalculation", act.pk)

    assert "60,19" in page
    assert "Рахунків: 3. За місяць їм нараховано 456,00 грн." in page
    assert "16,05" in page
    assert "Застосувати перерахунок?" in page
    assert not ChargeLine.objects.filter(recalculation_id__isnull=False).exists()


def test_apply_and_undo_at_the_desk(clerk: Desk) -> None:
    act = clerk.draft()

    assert "Перерахунок застосовано." in clerk.act(act, "apply")
    assert balance(clerk) == 121_60 - 16_05
    assert "листопад" not in clerk.page("recalculation", act.pk)
    assert "Перерахунок скасовано, суми повернено." in clerk.act(act, "undo")

    assert balance(clerk) == 121_60
    assert "Було знято, потім повернено" in clerk.page("recalculation", act.pk)
    assert [entry.action for entry in AuditEntry.objects.filter(object_kind="recalculation", is_read=False)] == [
        "billing.recalculation_drafted", "billing.recalculation_applied", "billing.recalculation_undone",
    ]  # fmt: skip


def test_draft_is_removed(clerk: Desk) -> None:
    act = clerk.draft()

    assert "Чернетку видалено." in clerk.act(act, "remove")

    assert not Recalculation.objects.exists()
    assert clerk.client.get(clerk.url("recalculation", act.pk)).status_code == 404


def test_unknown_action_is_not_found(clerk: Desk) -> None:
    act = clerk.draft()

    assert clerk.client.post(clerk.url("recalculation_act", act.pk, "burn")).status_code == 404


def test_refusal_is_said_in_words(clerk: Desk) -> None:
    act = clerk.draft()
    clerk.act(act, "apply")

    assert "Видалити можна лише чернетку" in clerk.act(act, "remove")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"last_on": "2026-10-01"}, "Останній день раніше за перший."),
        ({"last_on": "2026-11-03"}, "Дні мають бути в одному місяці."),
        ({"percent_a_day": ""}, "Перевірте ще раз"),
        ({"document": ""}, "Перевірте ще раз"),
        ({"first_on": "2026-09-01", "last_on": "2026-09-02"}, "ще не нараховано"),
    ],
)
def test_mistakes_are_explained_and_nothing_is_kept(clerk: Desk, fields: dict[str, str], words: str) -> None:
    path = clerk.url("new_recalculation", service=clerk.service_id, reason="outage_days", place="service")

    response = clerk.client.post(path, {**OUTAGE, **fields})

    assert response.status_code == 400
    assert words in response.content.decode()
    assert not Recalculation.objects.exists()


def test_buildings_are_chosen_by_street(clerk: Desk) -> None:
    building = clerk.house.town.building.pk
    elsewhere = Building.objects.get(pk=building)
    elsewhere.pk, elsewhere.number, elsewhere.number_key = None, "100", "100"
    elsewhere.save()  # nobody has the service there
    page = clerk.page("new_recalculation", service=clerk.service_id, reason="outage_days", place="buildings")

    act = clerk.draft(place="buildings", buildings=[building])

    assert "вул. Соборна, 4/2" in page
    assert "вул. Соборна, 100" not in page
    assert act.building_ids == [building]
    assert "вул. Соборна: 4/2" in clerk.page("recalculation", act.pk)


def test_one_account_is_found_by_its_number_among_ones_own_only(clerk: Desk) -> None:
    path = clerk.url("new_recalculation", service=clerk.service_id, reason="outage_days", place="account")
    stranger = clerk.house.waste[0].row.account.number

    refused = clerk.client.post(path, {**OUTAGE, "account": stranger})
    act = clerk.draft(place="account", account=f" {clerk.house.water[1].row.account.number} ")

    assert refused.status_code == 400
    assert "Такого особового рахунку з цією послугою немає" in refused.content.decode()
    assert act.account_service_id == clerk.house.water[1].id


def test_another_providers_service_is_no_choice(clerk: Desk) -> None:
    waste = clerk.house.waste[0].row.provider_service_id
    path = clerk.url("new_recalculation", service=waste, reason="outage_days", place="service")

    response = clerk.client.post(path, OUTAGE)

    assert 'name="reason"' in response.content.decode()  # the first step again
    assert not Recalculation.objects.exists()


def test_another_providers_act_is_not_found(clerk: Desk) -> None:
    act = clerk.draft()
    stranger = person()
    other = clerk.house.waste[0].row.account.provider_id
    RoleGrant.objects.create(user=stranger, role=Role.PROVIDER, scope_id=other)
    client = Client()
    client.force_login(stranger)

    for provider_id in (other, clerk.provider_id):
        assert client.get(reverse("backoffice:recalculation", args=[provider_id, act.pk])).status_code == 404
        assert (
            client.post(reverse("backoffice:recalculation_act", args=[provider_id, act.pk, "apply"])).status_code == 404
        )
    act.refresh_from_db()
    assert act.state == "draft"


def test_imported_service_gets_words_instead_of_a_form(clerk: Desk) -> None:
    gas = clerk.house.flats[0].service("gas", mode="imported")
    user = person()
    RoleGrant.objects.create(user=user, role=Role.PROVIDER, scope_id=gas.row.account.provider_id)
    client = Client()
    client.force_login(user)

    page = client.get(reverse("backoffice:new_recalculation", args=[gas.row.account.provider_id])).content.decode()

    assert "перерахунки приходять у її файлі" in page
    assert "<select" not in page


def test_list_is_filtered_and_searched(clerk: Desk) -> None:
    act = clerk.draft(document="Акт № 77")
    clerk.draft()
    clerk.act(act, "apply")

    assert "Акт № 77" in clerk.page("recalculations")
    assert "Акт № 12" not in clerk.page("recalculations", q="77")
    assert "Акт № 77" not in clerk.page("recalculations", state="draft")
    assert "Акт № 77" in clerk.page("recalculations", period="2026-10")
    assert "Таких перерахунків немає" in clerk.page("recalculations", q="ніде")
    assert "Акт № 77" in clerk.page("recalculations", period="nonsense")


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_a_fixed_number_of_queries(
    clerk: Desk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        clerk.draft()
    clerk.page("recalculations")

    with django_assert_num_queries(14):
        clerk.page("recalculations")


def test_paper_and_file_have_the_accounts_and_are_audited(clerk: Desk) -> None:
    act = clerk.draft()
    clerk.act(act, "apply")

    paper = clerk.page("recalculation_print", act.pk)
    response = clerk.client.get(clerk.url("recalculation_csv", act.pk))
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]  # a streaming answer

    assert "Разом рахунків: 3, сума: 60,19 грн" in paper
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 4
    assert rows[1][3:] == ["121,60", "16,05", ""]
    read = AuditEntry.objects.filter(action="billing.recalculation_read").latest("pk")
    assert read.premises_ids == sorted(flat.row.pk for flat in clerk.house.flats)


def test_resident_finds_who_looked(clerk: Desk) -> None:
    act = clerk.draft()
    clerk.page("recalculation", act.pk)
    owner = resident(clerk.house.flats[0])

    told = [row.what for row in trail.whole_trail(user_id=owner.user.pk)]

    assert "Перерахунок, у якому є ваш рахунок" in told


def test_resident_finds_the_act_of_their_own_account_and_who_made_it(clerk: Desk) -> None:
    clerk.act(clerk.draft(place="account", account=clerk.house.water[0].row.account.number), "apply")
    owner = resident(clerk.house.flats[0])

    told = {row.what: row.who for row in trail.whole_trail(user_id=owner.user.pk)}

    assert told["Перерахунок застосовано"].startswith("Працівник надавача: ")


def test_large_act_goes_to_the_queue_once(clerk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "JOB_FROM", 3)
    act = clerk.draft()

    said = clerk.act(act, "apply")
    again = clerk.act(act, "apply")

    assert "це робить черга завдань" in said
    assert "Акт у черзі" in again
    job = ProcrastinateJob.objects.get(task_name="billing.apply_recalculation")
    assert balance(clerk) == 121_60
    apply_recalculation(**job.args)
    assert balance(clerk) == 121_60 - 16_05
    assert "hx-get" not in clerk.page("recalculation", act.pk)


def test_why_tells_the_formula_the_document_and_the_reason(clerk: Desk) -> None:
    clerk.act(clerk.draft(), "apply")
    owner = resident(clerk.house.flats[0])
    client = Client()
    client.force_login(owner.user)

    path = f"/homes/{owner.home.pk}/why/{clerk.house.water[0].id}/2026-10/"
    page = " ".join(client.get(path).content.decode().replace("\u00a0", " ").split())
    tabs = f"/homes/{owner.home.pk}/accounts/{clerk.house.water[0].id}/"
    state = client.get(f"{tabs}state/").content.decode()
    services = client.get(f"{tabs}services/").content.decode()

    for words in (
        "Перерахунок за перерву", "−121,60 грн × 3,3 % × 4", "−16,0512", "−16,05 грн",
        "Послуги не було з 05.10.2026 до 08.10.2026, днів: 4.", "Підстава: Акт № 12 від 02.11.2026.", "Аварія на магістралі.",
    ):  # fmt: skip
        assert words in page, words
    assert "−16,05" in state
    assert "Холодна вода, перерахунок за перерву</th>" in services


def test_why_says_when_only_what_was_left_is_taken_off(clerk: Desk) -> None:
    clerk.act(clerk.draft(percent_a_day="24"), "apply")
    clerk.act(clerk.draft(), "apply")
    owner = resident(clerk.house.flats[0])
    client = Client()
    client.force_login(owner.user)

    page = client.get(f"/homes/{owner.home.pk}/why/{clerk.house.water[0].id}/2026-10/").content.decode()

    assert "знято те, що залишалося з нарахованого" in page  # 96 %, then 13.2 % of which 4 % are left
    assert "−4,86" in page.replace("\u00a0", " ")


def test_why_of_an_absence_and_of_hours(clerk: Desk) -> None:
    hot = clerk.house.flats[0].service("hot_water", provider="vodokanal")
    tariff(hot, "single", "80.59")
    norm(hot, "1.6")
    clerk._charge()
    clerk.service_id = hot.row.provider_service_id
    hours = clerk.draft(reason="outage_hours", hours="48", period="2026-10")
    clerk.act(hours, "apply")
    away = clerk.draft(
        reason="absence", account=hot.row.account.number, first_on="2026-10-01", last_on="2026-10-31", people_away="1"
    )
    clerk.act(away, "apply")
    owner = resident(clerk.house.flats[0])
    client = Client()
    client.force_login(owner.user)

    page = client.get(f"/homes/{owner.home.pk}/why/{hot.id}/2026-10/").content.decode().replace("\u00a0", " ")

    # 1.6 m³ × 80.59 = 128.94; 48 ÷ 744 of it is 8.32; the absence of the only person takes what is left
    for words in ("Послуги не було, годин: 48.", "× 48 ÷ 744", "−8,32 грн", "Це 31 з 31 людино-днів", "−120,62 грн"):
        assert words in page, words
