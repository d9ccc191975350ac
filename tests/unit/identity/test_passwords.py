"""Passwords that are refused (feature A3)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from domivka.identity.passwords import MaximumLength, NotBreached, NotCommon

LEAKED = "correct horse battery staple"
DIGEST = "ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42"  # SHA-1 of it, computed by sha1sum


@pytest.mark.parametrize(
    "password", ["пароль", "Пароль2024!", "ЙЦУКЕНГШЩ", "Шевченко1", "qazwsxedc", "аааааааа", "домівка123"]
)
def test_common_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="легко вгадати"):
        NotCommon().validate(password)


@pytest.mark.parametrize("password", ["вишневий Сад 7", "Мама мила раму", "k9-Zorya-11", "三つの月が昇る夜"])
def test_uncommon_password_of_any_script_is_taken(password: str) -> None:
    NotCommon().validate(password)
    MaximumLength(128).validate(password)


def test_password_of_128_characters_is_taken_and_of_129_refused() -> None:
    MaximumLength(128).validate("ї" * 128)

    with pytest.raises(ValidationError, match="128"):
        MaximumLength(128).validate("ї" * 129)


def test_leaked_password_of_a_local_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"{DIGEST[:5]}.txt").write_text(f"{'0' * 35}:3\n{DIGEST[5:]}:1234\n")
    check = NotBreached(folder=str(tmp_path))

    with pytest.raises(ValidationError, match="викрадених"):
        check.validate(LEAKED)
    check.validate("вишневий Сад 7")


def test_without_a_list_nothing_is_asked() -> None:
    NotBreached().validate(LEAKED)


@pytest.fixture
def service() -> Iterator[tuple[str, list[str]]]:
    """A real HTTP server of ranges that notes what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{DIGEST[5:]}:7\r\n".encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/range/", asked
    server.shutdown()


def test_service_is_told_only_five_characters(service: tuple[str, list[str]]) -> None:
    url, asked = service

    with pytest.raises(ValidationError):
        NotBreached(url=url).validate(LEAKED)

    assert hashlib.sha1(LEAKED.encode(), usedforsecurity=False).hexdigest().upper() == DIGEST
    assert asked == ["/range/ABF7A"]


def test_service_that_does_not_answer_stops_nobody() -> None:
    NotBreached(url="http://127.0.0.1:9/range/").validate(LEAKED)
