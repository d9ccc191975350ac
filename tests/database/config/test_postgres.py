"""The embedded server: it starts, recovers, shares, hides. Each test has a server of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from domivka.config import postgres

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    postgres.stop(folder)


def ask(home: Path, sql: str) -> list[tuple[object, ...]]:
    host = str(postgres.socket_folder(home))
    with psycopg.connect(host=host, user=postgres.ROLE, dbname=postgres.DATABASE, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def test_start_makes_a_database_and_a_role_without_power(home: Path) -> None:
    postgres.start(home)

    assert ask(home, "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]
    assert postgres.socket_folder(home).stat().st_mode & 0o777 == 0o700


def test_second_start_changes_nothing(home: Path) -> None:
    postgres.start(home)
    first = postmaster(home)

    postgres.start(home)

    assert postmaster(home) == first


def test_stop_and_start_keep_what_was_written(home: Path) -> None:
    postgres.start(home)
    ask(home, "CREATE TABLE kept AS SELECT 42 AS value")
    postgres.stop(home)
    stopped = postgres.is_running(home)

    postgres.start(home)

    assert not stopped
    assert ask(home, "SELECT value FROM kept") == [(42,)]


def test_emptied_database_is_there_and_empty(home: Path) -> None:
    postgres.start(home)
    ask(home, "CREATE TABLE kept AS SELECT 42 AS value")

    postgres.empty(home)

    assert ask(home, "SELECT to_regclass('kept')") == [(None,)]


def test_killed_server_recovers_what_was_committed(home: Path) -> None:
    postgres.start(home)
    ask(home, "CREATE TABLE kept AS SELECT 42 AS value")
    os.kill(postmaster(home), signal.SIGKILL)

    postgres.start(home)

    assert ask(home, "SELECT value FROM kept") == [(42,)]


def test_stale_number_of_another_process_does_not_stop_the_start(home: Path) -> None:
    postgres.start(home)
    os.kill(postmaster(home), signal.SIGKILL)
    data = home / "postgres" / "data"
    while postgres.processes(data):
        time.sleep(0.05)
    file = data / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    postgres.start(home)

    assert ask(home, "SELECT 1") == [(1,)]


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    command = [
        sys.executable,
        "-c",
        f"from domivka.config import postgres, environment; from pathlib import Path; postgres.start(Path({str(home)!r}))",
    ]

    started = [subprocess.Popen(command) for _ in range(3)]

    assert [process.wait(120) for process in started] == [0, 0, 0]
    assert ask(home, "SELECT 1") == [(1,)]


def test_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("довга-тека-" * 8)
    try:
        postgres.start(home)

        assert ask(home, "SELECT 1") == [(1,)]
        assert len(str(postgres.socket_folder(home))) < 80
    finally:
        postgres.stop(home)


def test_data_folder_under_a_closed_folder_works(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    try:
        postgres.start(home)

        assert ask(home, "SELECT 1") == [(1,)]
        assert closed.stat().st_mode & 0o066 == 0  # others may pass at most, never read
    finally:
        postgres.stop(home)


def test_first_start_that_was_killed_is_begun_anew(home: Path) -> None:
    half = home / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    postgres.start(home)

    assert ask(home, "SELECT 1") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_ordinary_user_runs_the_server_too() -> None:
    with tempfile.TemporaryDirectory(prefix="domivka-user-") as folder:
        home = Path(folder) / "home"
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        postgres.start(home / "roots")  # makes the server's programs reachable
        postgres.stop(home / "roots")
        shutil.rmtree(home)

        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
                postgres.start(home)
                started = postgres.is_running(home)
                postgres.stop(home)
                code = 0 if started and not postgres.is_running(home) else 2
            finally:
                os._exit(code)

        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
