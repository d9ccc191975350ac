"""The antivirus hook against a daemon on a real socket: clean, infected, dead, slow, nonsense."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_django import Settings

from domivka.cnap import files, scanner
from domivka.cnap.errors import FileInfected, ScannerSilent

VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Speaks INSTREAM as clamd does; `answer` decides what it says about what it read."""

    def __init__(self, path: Path, answer: Callable[[bytes], bytes | None]) -> None:
        self.read: list[bytes] = []
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!I", stream.read(4))[0]:
                    content += stream.read(size)
                self.read.append(content)
                reply = self._answer(content)
                if reply is not None:
                    with suppress(BrokenPipeError):
                        connection.sendall(reply)

    def close(self) -> None:
        self._socket.close()


def honest(content: bytes) -> bytes:
    return b"stream: Eicar-Signature FOUND\0" if VIRUS in content else b"stream: OK\0"


@pytest.fixture
def daemon(tmp_path: Path, settings: Settings) -> Iterator[Callable[[Callable[[bytes], bytes | None]], Clamd]]:
    running: list[Clamd] = []

    def start(answer: Callable[[bytes], bytes | None]) -> Clamd:
        settings.CLAMAV, settings.CLAMAV_SECONDS = f"unix:{tmp_path / 'clamd.ctl'}", 1
        running.append(Clamd(tmp_path / "clamd.ctl", answer))
        return running[-1]

    yield start
    for one in running:
        one.close()


Start = Callable[[Callable[[bytes], bytes | None]], Clamd]


def test_clean_file_passes_and_is_read_whole(daemon: Start) -> None:
    clamd = daemon(honest)
    content = bytes(range(256)) * 1000  # several chunks

    scanner.scan(content)

    assert clamd.read == [content]


def test_infected_file_is_refused(daemon: Start) -> None:
    daemon(honest)

    with pytest.raises(FileInfected):
        scanner.scan(b"PK" + VIRUS)


def test_dead_daemon_refuses_the_file(tmp_path: Path, settings: Settings) -> None:
    settings.CLAMAV, settings.CLAMAV_SECONDS = f"unix:{tmp_path / 'nobody.ctl'}", 1

    with pytest.raises(ScannerSilent):
        scanner.scan(b"content")


def test_slow_daemon_is_not_waited_for(daemon: Start) -> None:
    gate = threading.Event()

    def slow(content: bytes) -> bytes:
        gate.wait(10)
        return b"stream: OK\0"

    daemon(slow)
    began = time.monotonic()

    with pytest.raises(ScannerSilent):
        scanner.scan(b"content")

    assert time.monotonic() - began < 5
    gate.set()


@pytest.mark.parametrize("reply", [None, b"", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\xfe\0"])
def test_any_other_answer_refuses_the_file(daemon: Start, reply: bytes | None) -> None:
    daemon(lambda content: reply)

    with pytest.raises(ScannerSilent):
        scanner.scan(b"content")


def test_nobody_is_asked_when_nothing_is_configured(settings: Settings) -> None:
    settings.CLAMAV = ""

    scanner.scan(VIRUS)


def over_tcp(settings: Settings, behave: Callable[[socket.socket], None]) -> socket.socket:
    """A daemon on a TCP port that does one thing with its first caller."""
    listening = socket.create_server(("127.0.0.1", 0))
    settings.CLAMAV, settings.CLAMAV_SECONDS = f"tcp:127.0.0.1:{listening.getsockname()[1]}", 5

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            behave(connection)

    threading.Thread(target=serve, daemon=True).start()
    return listening


def test_clean_file_passes_over_tcp_too(settings: Settings) -> None:
    def clean(connection: socket.socket) -> None:
        received = b""
        while not received.endswith(struct.pack("!I", 0)):
            received += connection.recv(65536)
        connection.sendall(b"stream: OK\0" if received.startswith(b"zINSTREAM\0") else b"UNKNOWN COMMAND\0")

    with over_tcp(settings, clean):
        scanner.scan(b"content")


def test_reset_connection_refuses_the_file(settings: Settings) -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST, not FIN

    with over_tcp(settings, reset), pytest.raises(ScannerSilent):
        scanner.scan(bytes(4_000_000))


def test_file_that_the_daemon_finds_too_large_half_way_is_refused(settings: Settings) -> None:
    def too_large(connection: socket.socket) -> None:
        connection.recv(100_000)
        connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")

    with over_tcp(settings, too_large), pytest.raises(ScannerSilent):
        scanner.scan(bytes(4_000_000))


def test_infected_file_is_not_kept_and_the_page_says_why(daemon: Start) -> None:
    daemon(honest)
    infected = files.Upload("a.pdf", b"%PDF-1.4\n" + VIRUS + b"\n%%EOF\n")

    with pytest.raises(FileInfected, match="знайдено вірус"):
        files.check(upload=infected, limit_mb=5)
