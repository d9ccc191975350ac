"""Our site as `domivka serve` runs it, and clients that ask it over kept-alive connections."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

PORT = 8791


@dataclass(frozen=True)
class Request:
    """One request, written beforehand so that the client costs the machine little."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    expect: int = 200
    contains: bytes = b""

    def wire(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Load:
    """Seconds of every call, and of all of them together."""

    seconds: list[float]
    took: float

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took


class Client:
    """A kept-alive connection, opened anew when the server has closed it for standing idle, as browsers do."""

    def __init__(self) -> None:
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""

    def ask(self, request: Request) -> bytes:
        """The answer's body. Raises `RuntimeError` for another status or without what was expected in it."""
        if self._was_closed():
            self._socket.close()
            self._connect()
        self._socket.sendall(request.wire())
        got = self._left
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(headers[b"content-length"])
        while len(body) < length:
            body += self._more()
        self._left = body[length:]
        if int(head.split(b" ", 2)[1]) != request.expect or request.contains not in body:
            raise RuntimeError(f"{request.method} {request.path} answered {head[:200]!r} {body[:300]!r}")
        return body

    def _was_closed(self) -> bool:
        """Nothing is due before a question is sent: something to read is the end of the connection."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def _more(self) -> bytes:
        got = self._socket.recv(1 << 18)
        if not got:
            raise RuntimeError("the server hung up")
        return got

    def close(self) -> None:
        self._socket.close()


def load(clients: Sequence[Iterator[Request]], *, until: float | None = None) -> Load:
    """Every client sends its requests one after another on its own connection, all clients at once, until its
    requests (or the time: `until`, of `time.perf_counter`) run out. Raises the first failure."""
    seconds: list[float] = []
    failed: list[Exception] = []

    def run(requests: Iterator[Request]) -> None:
        try:
            client = Client()
            for request in requests:
                begun = time.perf_counter()
                if until is not None and begun >= until:
                    break
                client.ask(request)
                seconds.append(time.perf_counter() - begun)
            client.close()
        except Exception as error:  # noqa: BLE001 - raised below, in the caller's thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(requests,)) for requests in clients]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    if failed:
        raise failed[0]
    return Load(seconds, took)


@contextmanager
def serving(**environment: str) -> Iterator[None]:
    """`domivka serve` with `environment`, until the end of the block."""
    server = subprocess.Popen(
        [sys.executable, "-m", "domivka", "serve", "--port", str(PORT)],
        env={**os.environ, "DOMIVKA_ALLOWED_HOSTS": "127.0.0.1", **environment},
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/accessibility/", timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError("the server did not start")
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)
