"""Progress of a check and an apply is seen while their transaction is open; either is stopped from its page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from domivka.exchange import api as exchange
from domivka.exchange import progress
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.identity.models import Role
from domivka.kernel.models import JobProgress
from domivka.ledger.models import Transaction
from domivka.registry.models import PersonalAccount
from tests.database.exchange.test_pages import person
from tests.database.exchange.town import AT, GOOD, SECOND, add_addresses, gaz_csv, make_town, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch() -> int:
    town = make_town()
    add_addresses(town, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    batch = upload(town, gaz_csv(GOOD, SECOND))
    progress.waiting(batch, stage="")
    return batch


def check(batch: int, also: progress.Report = progress.silent) -> None:
    progress.told(batch, lambda report: exchange.check(batch_id=batch, at=AT, report=report), also=also)


def apply(batch: int, also: progress.Report = progress.silent) -> None:
    progress.told(batch, lambda report: exchange.apply(batch_id=batch, user_id=None, at=AT, report=report), also=also)


class Elsewhere:
    """What another connection sees of the job's last report and of its rows, whenever it is about to report again."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int, int]] = []

    def __call__(self, stage: str, done: int, total: int) -> None:
        assert connection.in_atomic_block
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT stage, done, total, (SELECT count(*) FROM exchange_importrow) FROM kernel_jobprogress"
            )
            self.seen.append(cursor.fetchone())
        other.close()


def test_progress_is_seen_while_the_transaction_is_open(batch: int) -> None:
    checking, applying = Elsewhere(), Elsewhere()

    check(batch, checking)
    apply(batch, applying)

    assert checking.seen == [("", 0, 0, 0), ("Читаємо файл", 0, 0, 0), ("Записуємо рядки", 0, 2, 0)]
    assert [seen[:3] for seen in applying.seen[1:]] == [
        ("Застосовуємо", 0, 2),
        ("Відкриваємо рахунки", 0, 8),
        ("Записуємо показання", 2, 8),
        ("Записуємо нарахування", 4, 8),
    ]
    job = JobProgress.objects.get()
    assert (job.state, job.done, job.total) == ("done", 6, 8)


class Button:
    """Presses «Зупинити» on the import's page, in another thread and connection, when the job comes to a stage."""

    def __init__(self, client: Client, batch: int, stage: str) -> None:
        self.client, self.url, self.stage = client, f"/staff/imports/{batch}/", stage
        self.page = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self.stage:
            with ThreadPoolExecutor(1) as another:
                another.submit(self._press).result()

    def _press(self) -> None:
        assert "Зупинити" in self.client.get(self.url).content.decode()
        assert self.client.post(f"{self.url}stop/").status_code == 302
        self.page = self.client.get(self.url).content.decode()
        connection.close()


@pytest.mark.parametrize("stage", ["Читаємо файл", "Записуємо рядки"])
def test_check_stopped_from_its_page_leaves_nothing(batch: int, stage: str) -> None:
    client = person(Role.OPERATOR)
    button = Button(client, batch, stage)

    with pytest.raises(exchange.Stopped):
        check(batch, button)

    assert "Зупиняється" in button.page
    assert ImportRow.objects.count() == 0
    assert ImportBatch.objects.get().state == "uploaded"
    assert JobProgress.objects.get().state == "cancelled"
    assert "Зупинено. Нічого не змінено." in client.get(button.url).content.decode()
    check(batch)
    assert ImportBatch.objects.get().state == "checked"


@pytest.mark.parametrize("stage", ["Застосовуємо", "Записуємо нарахування", "Звіряємо сальдо"])
def test_apply_stopped_from_its_page_leaves_nothing(batch: int, stage: str) -> None:
    check(batch)
    progress.waiting(batch, stage="")

    with pytest.raises(exchange.Stopped):
        apply(batch, Button(person(Role.OPERATOR), batch, stage))

    assert ImportBatch.objects.get().state == "checked"
    assert (Transaction.objects.count(), PersonalAccount.objects.count()) == (0, 0)
    apply(batch)
    assert ImportBatch.objects.get().state == "applied"


def test_ctrl_c_in_the_terminal_stops_and_says_so(batch: int) -> None:
    def press(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(exchange.Stopped, match=r"Зупинено\. Нічого не змінено\."):
        check(batch, press)

    assert ImportRow.objects.count() == 0
    assert JobProgress.objects.get().state == "cancelled"


def test_stop_of_a_job_that_has_ended_does_nothing(batch: int) -> None:
    check(batch)

    progress.ask_to_stop(batch)
    apply(batch)

    assert ImportBatch.objects.get().state == "applied"
