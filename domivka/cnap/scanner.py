"""Asking ClamAV whether a file carries a virus: the daemon's INSTREAM command over its socket (clamd(8)).

`DOMIVKA_CLAMAV` names the socket, `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`; empty: nobody is asked. When a
configured scanner does not answer, the file is refused: it is safer to ask again than to let it in unseen.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Final

from django.conf import settings

from domivka.cnap.errors import FileInfected, ScannerSilent

_CHUNK: Final = 64 * 1024
_REPLY_LIMIT: Final = 4096


def scan(content: bytes) -> None:
    """Nothing when the file is clean. Errors: `FileInfected`, `ScannerSilent`."""
    address: str = settings.CLAMAV
    if not address:
        return
    try:
        reply = _ask(address, content, time.monotonic() + settings.CLAMAV_SECONDS)
    except OSError as error:  # no daemon, a broken connection, too slow
        raise ScannerSilent from error
    if reply.endswith("FOUND"):
        raise FileInfected
    if not reply.endswith("OK"):
        raise ScannerSilent


def _ask(address: str, content: bytes, deadline: float) -> str:
    with _connect(address, deadline) as connection:
        _send(connection, b"zINSTREAM\0", deadline)
        for start in range(0, len(content), _CHUNK):
            part = content[start : start + _CHUNK]
            _send(connection, struct.pack("!I", len(part)) + part, deadline)
        _send(connection, struct.pack("!I", 0), deadline)
        reply = b""
        while b"\0" not in reply and len(reply) < _REPLY_LIMIT:
            connection.settimeout(_left(deadline))
            part = connection.recv(_REPLY_LIMIT)
            if not part:
                break
            reply += part
    return reply.split(b"\0")[0].decode("utf-8", "replace").strip()


def _connect(address: str, deadline: float) -> socket.socket:
    scheme, _, place = address.partition(":")
    if scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_left(deadline))
        try:
            connection.connect(place)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = place.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_left(deadline))


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(data)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
