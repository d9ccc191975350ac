"""The operator's pages of runs and of issuing bills: started, watched, stopped."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import issuing
from domivka.billing.models import Run
from domivka.kernel import clock
from domivka.kernel.models import AuditEntry, JobProgress
from domivka.statements.models import Bill
from domivka.statements.tasks import issue
from tests.database.backoffice.test_pages import OCT, Office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def office() -> Office:
    return Office()


def test_operator_issues_the_bills_of_a_month_and_watches(office: Office) -> None:
    started = office.client("operator").post(
        reverse("backoffice:bills"), {"period": "2026-10", "town": office.town.row.pk}
    )
    waiting = office.page("operator", "bills")
    issue(town_id=office.town.row.pk, period=int(OCT), user_id=None)

    assert started.status_code == 302
    assert "Зупинити видачу" in waiting
    done = office.page("operator", "bills")
    assert "Завершено" in done
    assert "Зупинити видачу" not in done
    assert Bill.objects.filter(period=OCT).count() == 1


def test_issuing_stopped_while_it_waits_issues_nothing(office: Office) -> None:
    client, town = office.client("operator"), office.town.row.pk
    client.post(reverse("backoffice:bills"), {"period": "2026-10", "town": town})
    cancelled = client.post(reverse("backoffice:cancel_bills", args=[town, int(OCT)]))
    stopping = office.page("operator", "bills")
    issue(town_id=town, period=int(OCT), user_id=None)

    assert cancelled.status_code == 302
    assert "Зупиняється" in stopping
    assert "Зупинено" in office.page("operator", "bills")
    assert not Bill.objects.filter(period=OCT).exists()
    assert set(AuditEntry.objects.filter(object_kind="period").values_list("action", flat=True)) == {
        "statements.issuing",
        "statements.issuing_cancelled",
    }


@pytest.mark.parametrize("period", ["2026-13", "жовтень", "2030-01"])
def test_bills_of_a_wrong_month_are_not_issued(office: Office, period: str) -> None:
    asked = {"period": period, "town": office.town.row.pk}

    response = office.client("operator").post(reverse("backoffice:bills"), asked)

    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert not JobProgress.objects.filter(kind="bills").exists()


@pytest.mark.parametrize("months", [1, 3])
def test_page_of_issuing_takes_the_same_queries_for_any_number_of_months(
    office: Office, months: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(months):
        JobProgress.objects.create(kind="bills", subject_id=f"{office.town.row.pk}:{int(OCT.shift(-n))}")

    with django_assert_num_queries(2):
        assert len(issuing.recent(now=clock.now())) == months


def test_operator_starts_a_run_and_cancels_it(office: Office) -> None:
    office.run.delete()
    client = office.client("operator")

    started = client.post(reverse("backoffice:runs"), {"period": "2026-10"})
    run = Run.objects.get()
    cancelled = client.post(reverse("backoffice:cancel_run", args=[run.pk]))

    assert (started.status_code, cancelled.status_code) == (302, 302)
    assert run.period == OCT
    assert JobProgress.objects.get(kind="run").cancel_requested
    assert "Зупиняється" in office.page("operator", "run", run.pk)
    assert set(AuditEntry.objects.filter(object_kind="run").values_list("action", flat=True)) == {
        "run.started",
        "run.cancelled",
    }


@pytest.mark.parametrize("period", ["2026-13", "жовтень", "2030-01"])
def test_run_of_a_wrong_month_is_explained(office: Office, period: str) -> None:
    response = office.client("operator").post(reverse("backoffice:runs"), {"period": period})

    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert Run.objects.count() == 1
