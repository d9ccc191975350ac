"""A small HTTP server: routes with parameters, forms, cookies of nobody."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_LARGEST: Final = 1_000_000  # bytes of a request
_STYLE: Final = (Path(__file__).parent / "style.css").read_bytes()


@dataclass(frozen=True)
class Request:
    """What came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; anything else is an empty one."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def origin(self) -> str:
        """The address under which the caller knows this server."""
        return f"http://{self.headers.get('Host', '127.0.0.1')}"


@dataclass(frozen=True)
class Response:
    """What goes back."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Response]
Routes = dict[tuple[str, str], Handler]


def page(html: str, *, status: int = 200, form_targets: tuple[str, ...] = ()) -> Response:
    """An HTML page that may post forms here and, through redirects, to `form_targets`."""
    policy = f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self' {' '.join(form_targets)}"
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy.strip()}
    return Response(html.encode(), status, headers)


def answer(message: object, *, status: int = 200) -> Response:
    """A JSON answer."""
    body = json.dumps(message, ensure_ascii=False).encode()
    return Response(body, status, {"Content-Type": "application/json; charset=utf-8"})


def redirect(url: str) -> Response:
    return Response(status=303, headers={"Location": url})


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path) + "$")


class Server:
    """Serves `routes` from threads until stopped; port 0 takes a free one."""

    def __init__(self, routes: Routes, *, host: str = "127.0.0.1", port: int = 0) -> None:
        compiled = [(method, _pattern(path), handler) for (method, path), handler in routes.items()]

        class _Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version = "DomivkaEmulator"

            def do_GET(self) -> None:
                self._serve("GET")

            def do_POST(self) -> None:
                self._serve("POST")

            def _serve(self, method: str) -> None:
                length = min(int(self.headers.get("Content-Length") or 0), _LARGEST)
                path = urlsplit(self.path).path
                request = Request(method, path, dict(self.headers.items()), self.rfile.read(length))
                self._send(_route(compiled, request))

            def _send(self, response: Response) -> None:
                try:
                    self.send_response(response.status)
                    for name, value in response.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(response.body)))
                    self.end_headers()
                    self.wfile.write(response.body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the caller did not wait: that is what a timeout looks like

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: the demo prints one table, not a log of requests."""

        self._server = ThreadingHTTPServer((host, port), _Handler)
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_address[1]}"

    def serve_forever(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> Server:
        """Serve from a thread."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _route(routes: list[tuple[str, re.Pattern[str], Handler]], request: Request) -> Response:
    if request.path == "/style.css":
        return Response(_STYLE, headers={"Content-Type": "text/css; charset=utf-8"})
    for method, pattern, handler in routes:
        found = pattern.match(request.path)
        if found and method == request.method:
            return handler(request, **found.groupdict())
    return answer({"error": "not_found"}, status=404)
