"""«Вивантажити мої дані»: whole, for its owner alone, made again after a dead worker, and not kept for ever."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from domivka.cnap.store import store
from domivka.homes.models import Home, HomeShare
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel.models import AuditEntry
from domivka.notifications.models import Message
from domivka.privacy import collect, exports
from domivka.privacy.models import Export
from tests.builders import Resident, helper, person
from tests.database.cnap.samples import PNG
from tests.database.privacy.everything import AT, everything

pytestmark = pytest.mark.django_db

PAGE = "/profile/data/export/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def made(user: User, at: dt.datetime = AT) -> Export:
    pk = exports.ask_export(user_id=user.pk, at=at)
    exports.make_export(export_id=pk, at=at)
    return Export.objects.get(pk=pk)


def opened(row: Export) -> zipfile.ZipFile:
    return zipfile.ZipFile(exports.path_of(row))


def section(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return found


def test_archive_has_what_every_context_knows() -> None:
    one = everything("olena@example.org")
    everything("taras@example.org")

    archive = opened(made(one.user))

    counts = {
        name: len(section(archive, name.removesuffix(".json"))) for name in archive.namelist() if name.endswith("n")
    }
    assert counts == {
        "profile.json": 1, "logins.json": 1, "roles.json": 0, "sign_ins.json": 1, "homes.json": 1, "home_pins.json": 0,
        "home_shares.json": 1, "helped_homes.json": 0, "key_attempts.json": 1, "premises.json": 1, "accounts.json": 1, "services.json": 1, "benefits.json": 1, "meters.json": 1,
        "readings.json": 1, "meter_corrections.json": 1, "penalty_suspensions.json": 0, "account_states.json": 1, "recalculations.json": 0, "bills.json": 0, "payments.json": 1,
        "payment_lines.json": 1, "credited.json": 0, "documents.json": 2, "consultations.json": 2,
        "consultation_files.json": 2, "consultation_steps.json": 2, "messages.json": 1, "applications.json": 2,
        "application_files.json": 2, "application_steps.json": 1, "cases.json": 1, "case_stages.json": 0,
        "visits.json": 2, "visit_steps.json": 1, "letters.json": 2, "trail.json": 17, "exports.json": 1,
        "erasures.json": 0,
    }  # fmt: skip
    assert section(archive, "profile")[0]["surname"] == "Борг"
    assert section(archive, "account_states")[0]["charged"] == "322.36"
    assert section(archive, "payments")[0]["amount_kop"] == 10000
    assert section(archive, "consultations")[0]["answer"] == "Така."
    assert not [name for name in archive.namelist() if b"taras@example.org" in archive.read(name)]


def test_owner_is_not_given_what_the_helper_calls_the_home() -> None:
    one, helps = everything("olena@example.org"), everything("taras@example.org")
    helper(Resident(one.user, Home.objects.get(user=one.user)), user=helps.user)
    HomeShare.objects.filter(helper=helps.user).update(label="стара відьма")

    owners, helpers = opened(made(one.user)), opened(made(helps.user))

    assert [row["name"] for row in section(owners, "home_shares")] == ["Син", "Донька Оля"]
    assert "стара відьма" not in "".join(owners.read(name).decode() for name in owners.namelist() if "json" in name)
    assert [row["label"] for row in section(helpers, "helped_homes")] == ["стара відьма"]
    assert section(owners, "helped_homes") == []


def test_archive_has_the_files_themselves() -> None:
    one = everything("olena@example.org")

    archive = opened(made(one.user))

    files = {name: archive.read(name) for name in archive.namelist() if name.startswith("files/")}
    loose, used = one.loose_document, one.sent_document
    assert files[f"files/documents/{loose}/{loose}-чернетка.png"] == PNG
    assert files[f"files/documents/{used}/{used}-паспорт.png"] == PNG + b"1"
    assert sorted(content for name, content in files.items() if "/applications/" in name) == [PNG + b"1"] * 2
    assert sorted(content for name, content in files.items() if "/consultations/" in name) == [PNG + b"2"] * 2
    assert len(files) == 6


def test_file_that_is_lost_does_not_hold_the_rest() -> None:
    one = everything("olena@example.org")
    digest = section(opened(made(one.user)), "documents")[0]["sha256"]
    store().drop(digest)

    archive = opened(made(one.user))

    missing = [name for name in archive.namelist() if name.endswith(".missing.txt")]
    assert missing == [f"files/documents/{one.loose_document}/{one.loose_document}-чернетка.png.missing.txt"]
    assert len(section(archive, "documents")) == 2


def test_readme_is_in_the_persons_language() -> None:
    user = person()
    ukrainian = opened(made(user)).read("README.txt").decode()
    user.language = "en"
    user.save()

    english = opened(made(user)).read("README.txt").decode()

    assert "Ваші дані в Домівці станом на 10.11.2026 12:00." in ukrainian
    assert "Your data in Domivka as of 10.11.2026 12:00." in english


def test_asking_twice_orders_one_job() -> None:
    user = person()

    first, second = (exports.ask_export(user_id=user.pk, at=AT) for _ in range(2))

    assert first == second
    assert ProcrastinateJob.objects.filter(task_name="privacy.export").count() == 1


def test_new_archive_replaces_the_old_one(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    user = person()
    old = exports.path_of(made(user))

    with django_capture_on_commit_callbacks(execute=True):
        new = made(user)

    assert not old.exists()
    assert exports.path_of(new).exists()
    assert Export.objects.count() == 1


def test_person_is_told_once_when_it_is_ready() -> None:
    one = everything("olena@example.org")
    row = made(one.user)

    exports.make_export(export_id=row.pk, at=AT)

    letter = Message.objects.get(template="privacy.export")
    assert (letter.recipient, letter.subject) == ("olena@example.org", "Ваші дані готові до завантаження")
    assert "до 17.11.2026" in letter.body
    assert letter.body.endswith(PAGE)


def test_job_that_was_killed_half_way_makes_the_whole_when_it_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one = everything("olena@example.org")
    pk = exports.ask_export(user_id=one.user.pk, at=AT)

    def killed(of: collect.Subject) -> Any:
        raise KeyboardInterrupt  # as a worker that is stopped

    with monkeypatch.context() as patch:
        patch.setattr(exports, "PARTS", (*collect.PARTS[:4], killed))
        with pytest.raises(KeyboardInterrupt):
            exports.make_export(export_id=pk, at=AT)
    assert (Export.objects.get().state, Export.objects.get().done) == ("running", 4)
    assert client_of(one.user).get(reverse("privacy:download", args=[pk])).status_code == 404

    exports.make_export(export_id=pk, at=AT)

    row = Export.objects.get()
    assert (row.state, row.done, row.size) == ("ready", 13, exports.path_of(row).stat().st_size)
    assert [path.name for path in exports.path_of(row).parent.iterdir()] == [exports.path_of(row).name]
    assert opened(row).testzip() is None


def test_failure_is_told_and_may_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    user = person()
    pk = exports.ask_export(user_id=user.pk, at=AT)

    def broken(of: collect.Subject) -> Any:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(exports, "PARTS", (broken,))
        with pytest.raises(OSError, match="no space"):
            exports.make_export(export_id=pk, at=AT)

    page = client_of(user).get(PAGE).content.decode()
    assert "Архів не вдалося створити" in page
    assert made(user).state == "ready"


def test_job_nobody_finishes_does_not_block_for_ever() -> None:
    user = person()
    exports.ask_export(user_id=user.pk, at=AT - dt.timedelta(minutes=61))

    again = exports.ask_export(user_id=user.pk, at=AT)

    assert Export.objects.get().pk == again
    assert Export.objects.get().asked_at == AT


def test_owner_downloads_and_it_is_audited() -> None:
    one = everything("olena@example.org")
    row = made(one.user)

    response = client_of(one.user).get(reverse("privacy:download", args=[row.pk]))

    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a FileResponse
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert response["Content-Disposition"] == 'attachment; filename="domivka-2026-11-10.zip"'
    assert response["Cache-Control"] == "private, no-store"
    entry = AuditEntry.objects.get(action="privacy.export_downloaded")
    assert (entry.actor_id, entry.person_ids) == (one.user.pk, [one.user.pk])


@pytest.mark.parametrize("role", [None, Role.CNAP, Role.PROVIDER, Role.AUTHORITY, Role.OPERATOR])
def test_archive_of_another_does_not_exist_for_anybody(role: Role | None) -> None:
    row, other = made(person()), person()
    if role is not None:
        scope = None if role == Role.OPERATOR else 1
        identity.grant_role(user_id=other.pk, role=role, scope_id=scope, at=AT, actor_id=None)

    response = client_of(other).get(reverse("privacy:download", args=[row.pk]))

    assert response.status_code == 404
    assert not AuditEntry.objects.filter(action="privacy.export_downloaded").exists()


def test_stranger_is_asked_to_sign_in() -> None:
    response = Client().get(reverse("privacy:download", args=[made(person()).pk]))

    assert response.status_code == 302
    assert "/accounts/login/" in str(response["Location"])


def test_archive_expires_and_is_swept(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    user = person()
    row = made(user)
    path, later = exports.path_of(row), AT + dt.timedelta(days=7)
    settings.FROZEN_NOW = later

    assert client_of(user).get(reverse("privacy:download", args=[row.pk])).status_code == 404
    assert "Створити архів" in client_of(user).get(PAGE).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert exports.sweep_exports(at=later) == 1

    assert not path.exists()
    assert not Export.objects.exists()


def test_sweep_keeps_what_is_fresh_and_drops_what_nobody_owns(tmp_path: Path) -> None:
    row = made(person())
    orphan = exports.path_of(row).with_name("999-abc.part")
    orphan.write_bytes(b"half")

    assert exports.sweep_exports(at=AT) == 0

    assert exports.path_of(row).exists()
    assert not orphan.exists()


def test_page_shows_progress_and_then_the_archive() -> None:
    user = person()
    client = client_of(user)
    assert "Створити архів" in client.get(PAGE).content.decode()

    waiting = client.post(PAGE, follow=True).content.decode()
    assert "0 із 13" in waiting
    assert client.get("/profile/data/export/progress/").headers.get("HX-Refresh") is None
    exports.make_export(export_id=Export.objects.get().pk, at=AT)

    assert client.get("/profile/data/export/progress/")["HX-Refresh"] == "true"
    ready = client.get(PAGE).content.decode()
    assert "Завантажити архів" in ready
    assert "17.11.2026 12:00" in ready


def test_collecting_asks_the_same_of_the_database_however_much_there_is(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    one = everything("olena@example.org")
    poor = identity.create_person(at=AT, email="nothing@example.org")
    of_rich, of_poor = (collect.subject(user_id=user_id) for user_id in (one.user.pk, poor))

    for of in (of_rich, of_poor):
        for part in collect.PARTS[9:12]:  # the CNAP with three files lists, visits, letters
            part(of)
    with django_assert_num_queries(16):
        for part in collect.PARTS[9:12]:
            part(of_rich)
    with django_assert_num_queries(16):
        for part in collect.PARTS[9:12]:
            part(of_poor)
