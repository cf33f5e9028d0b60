"""A small web server for the page of a run under way; nothing is answered without the token."""

import hmac
import http.server
import json
import secrets
import socket
import threading
import time
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from openpose_py.errors import UsageError
from openpose_py.report.live_feed import LiveFeed

MOST_REQUESTS = 32  # at once; further ones are turned away
PATIENCE = 10.0  # seconds for a viewer to take what was sent
POLL = 5.0  # seconds that a question for frames waits for one
FAREWELL = 1.5  # seconds at most for viewers to hear of the end
EVERYWHERE = ("", "0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class LiveServer:
    """Serves `page` and what `feed` has, until closed. Raises UsageError where it cannot listen."""

    def __init__(self, feed: LiveFeed, page: bytes, host: str, port: int) -> None:
        self.token = secrets.token_urlsafe(16)
        self._feed, self._host = feed, host
        try:
            self._server = _Server((host, port), _handler_of(feed, page, self.token))
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem)
            raise UsageError(
                f"cannot listen: {reason}", where=f"--host {host} --port {port}",
                hint="another --port, or 0 for any that is free",
            ) from problem  # fmt: skip
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="viewers", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """What to open in a browser."""
        name = socket.gethostname() if self._host in EVERYWHERE else self._host
        name = f"[{name}]" if ":" in name else name
        return f"http://{name}:{self._server.server_address[1]}/?token={self.token}"

    @property
    def notice(self) -> str:
        if self._host in LOOPBACK:
            return ""
        return "the page can be reached from other machines by all who know its address"

    def close(self) -> None:
        """Tells viewers that the run has ended, as long as they ask soon."""
        self._feed.end()
        end = time.monotonic() + FAREWELL
        while self._server.is_watched and time.monotonic() < end:
            time.sleep(0.02)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type["_Handler"]) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, handler)
        self.places = threading.BoundedSemaphore(MOST_REQUESTS)
        self.asked = -PATIENCE  # when a viewer last asked for frames
        self.told_the_end = False

    @property
    def is_watched(self) -> bool:
        """Whether somebody who asked lately does not know of the end."""
        return not self.told_the_end and time.monotonic() - self.asked < POLL + 1

    def handle_error(self, request: object, client_address: object) -> None:
        """A viewer that goes away is no error of the run."""


class _Handler(http.server.BaseHTTPRequestHandler):
    feed: LiveFeed
    page: bytes
    token: bytes
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        given = query.get("token", [""])[0].encode()
        if not hmac.compare_digest(given, self.token):
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"the address lacks its token\n")
        elif not self.server.places.acquire(blocking=False):
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"too many viewers\n")
        else:
            try:
                self._route(url.path, query.get("from", ["0"])[0])
            finally:
                self.server.places.release()

    def _route(self, path: str, seen: str) -> None:
        if path == "/":
            self._answer(HTTPStatus.OK, "text/html; charset=utf-8", self.page)
        elif path == "/frames":
            self._frames(int(seen) if seen.isdecimal() and len(seen) < 16 else 0)
        elif path == "/picture":
            self._picture()
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"nothing is here\n")

    def _frames(self, seen: int) -> None:
        self.server.asked = time.monotonic()
        found = self.feed.after(seen, POLL)
        self._answer(HTTPStatus.OK, "application/json", json.dumps(found).encode())
        self.server.told_the_end |= found["ended"]

    def _picture(self) -> None:
        newest = self.feed.picture()
        if newest is None:
            self._answer(HTTPStatus.NO_CONTENT, "image/jpeg", b"")
        else:
            self._answer(HTTPStatus.OK, "image/jpeg", newest[1], ("X-Frame", str(newest[0])))

    def _answer(self, status: HTTPStatus, kind: str, body: bytes, *more: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            *more,
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Requests are nobody's news; they would also show the token."""


def _handler_of(feed: LiveFeed, page: bytes, token: str) -> type[_Handler]:
    return type("Handler", (_Handler,), {"feed": feed, "page": page, "token": token.encode()})
