"""The recipe of docs/operations.md, «Backup and proof»: an archived journal and a base backup give any moment back."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from domivka.config import postgres
from tests.database.config.test_postgres import ask

pytestmark = pytest.mark.slow


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The installation that is lost, and the one that is made of its backup."""
    made = (tmp_path / "home", tmp_path / "again")
    yield made
    for home in made:
        postgres.stop(home)


def _settings(home: Path, *lines: str) -> None:
    with (home / "postgres" / "data" / "postgresql.conf").open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def test_database_comes_back_to_a_moment(homes: tuple[Path, Path]) -> None:
    lost, again = homes
    postgres.start(lost)
    postgres.stop(lost)
    owner = (lost / "postgres").stat()
    archive, backup = lost / "postgres" / "archive", lost / "postgres" / "backup"
    archive.mkdir(mode=0o700)
    shutil.chown(archive, owner.st_uid, owner.st_gid)
    _settings(lost, "archive_mode = on", f"archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'")
    postgres.start(lost)
    ask(lost, "CREATE TABLE paid AS SELECT 1 AS payment")
    subprocess.run(
        [str(postgres.BIN / "pg_basebackup"), "-h", str(postgres.socket_folder(lost)), "-U", "postgres", "-X", "none",
         "--checkpoint=fast", "-D", str(backup)],
        check=True, capture_output=True,
    )  # fmt: skip
    ask(lost, "INSERT INTO paid VALUES (2)")
    ((moment,),) = ask(lost, "SELECT now()::text")
    time.sleep(0.05)
    ask(lost, "TRUNCATE paid")  # the mistake
    subprocess.run(
        [str(postgres.BIN / "psql"), "-h", str(postgres.socket_folder(lost)), "-U", "postgres", "-qc", "SELECT pg_switch_wal()"],
        check=True, capture_output=True,
    )  # fmt: skip
    postgres.stop(lost)  # the last of the journal is archived before it ends

    (again / "postgres").mkdir(parents=True)
    shutil.copytree(backup, again / "postgres" / "data", copy_function=shutil.copy2)
    for path in [again / "postgres", *(again / "postgres").rglob("*")]:
        shutil.chown(path, owner.st_uid, owner.st_gid)
    _settings(
        again, f"restore_command = 'cp {archive}/%f %p'", f"recovery_target_time = '{moment}'",
        "recovery_target_action = 'promote'", "archive_mode = off",
    )  # fmt: skip
    (again / "postgres" / "data" / "recovery.signal").touch()
    postgres.start(again)

    assert ask(again, "SELECT payment FROM paid ORDER BY 1") == [(1,), (2,)]
