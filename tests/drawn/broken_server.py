"""A file server on the loopback address that misbehaves as its address says.

`http://127.0.0.1:PORT/BEHAVIOUR/NAME`, where BEHAVIOUR is a row of `BEHAVIOURS`.
"""

import contextlib
import http.server
import threading
from collections.abc import Callable

ETAG = '"one"'
BREAK_AT = 300_000  # bytes that one connection gets
PIECE = 1 << 16


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "BrokenServer"

    def do_GET(self) -> None:
        _, behaviour, name = self.path.split("?")[0].split("/", 2)
        self.server.requests.append((behaviour, self.headers.get("Range", "")))
        data = self.server.files.get(name)
        if data is None:
            self.send_error(404)
            return
        with contextlib.suppress(OSError):
            BEHAVIOURS[behaviour](self, data)

    def first_byte(self) -> int:
        """Of the range that is asked for; 0: the whole file."""
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def head(self, length: int | None, start: int = 0, total: int = 0, kind: str = "") -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", kind or "application/octet-stream")
        self.send_header("ETag", ETAG)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def send_ranged(self, data: bytes, limit: int | None = None) -> None:
        start = self.first_byte()
        self.head(len(data) - start, start, len(data))
        self.wfile.write(data[start:] if limit is None else data[start : start + limit])

    def log_message(self, format: str, *args: object) -> None:
        pass


def _good(to: _Handler, data: bytes) -> None:
    to.send_ranged(data)


def _breaks(to: _Handler, data: bytes) -> None:
    to.send_ranged(data, BREAK_AT)


def _breaks_without_ranges(to: _Handler, data: bytes) -> None:
    to.head(len(data))
    to.wfile.write(data[:BREAK_AT])


def _whole_always(to: _Handler, data: bytes) -> None:
    to.head(len(data))
    to.wfile.write(data)


def _other_range(to: _Handler, data: bytes) -> None:
    """Breaks off, then answers another range than was asked for."""
    if to.first_byte():
        to.head(10, 5, len(data))
        to.wfile.write(data[5:15])
    else:
        _breaks(to, data)


def _range_refused(to: _Handler, data: bytes) -> None:
    if to.first_byte():
        to.send_error(416)
    elif ("range_refused", "") in to.server.requests[:-1]:
        _whole_always(to, data)
    else:
        _breaks(to, data)


def _says_more(to: _Handler, data: bytes) -> None:
    to.head(len(data) + 1000)
    to.wfile.write(data)


def _says_less(to: _Handler, data: bytes) -> None:
    to.head(len(data) - 1000)
    to.wfile.write(data)


def _says_huge(to: _Handler, data: bytes) -> None:
    to.head(1 << 40)
    to.wfile.write(data)


def _never_ends(to: _Handler, data: bytes) -> None:
    to.head(None)
    while not to.server.stopped.is_set():
        to.wfile.write(data)


def _wrong_bytes(to: _Handler, data: bytes) -> None:
    to.head(len(data))
    to.wfile.write(data[:-4] + b"fake")


def _page(to: _Handler, data: bytes) -> None:
    page = b"<!DOCTYPE html><html><body>sign in first</body></html>"
    to.head(len(page), kind="text/html; charset=utf-8")
    to.wfile.write(page)


def _redirects(to: _Handler, data: bytes) -> None:
    to.send_response(302)
    to.send_header("Location", to.path.replace("/redirects/", "/good/"))
    to.end_headers()


def _redirects_for_ever(to: _Handler, data: bytes) -> None:
    to.send_response(302)
    to.send_header("Location", to.path)
    to.end_headers()


def _redirects_to_a_file(to: _Handler, data: bytes) -> None:
    to.send_response(302)
    to.send_header("Location", "file:///etc/hostname")
    to.end_headers()


def _falls_silent(to: _Handler, data: bytes) -> None:
    to.head(len(data))
    to.wfile.write(data[:PIECE])
    to.server.stopped.wait(20)


def _is_down(to: _Handler, data: bytes) -> None:
    to.send_error(503)


def _is_no_http(to: _Handler, data: bytes) -> None:
    to.wfile.write(b"\x00\xff" * 500)


BEHAVIOURS: dict[str, Callable[[_Handler, bytes], None]] = {
    "good": _good,
    "breaks": _breaks,
    "breaks_without_ranges": _breaks_without_ranges,
    "whole_always": _whole_always,
    "other_range": _other_range,
    "range_refused": _range_refused,
    "says_more": _says_more,
    "says_less": _says_less,
    "says_huge": _says_huge,
    "never_ends": _never_ends,
    "wrong_bytes": _wrong_bytes,
    "page": _page,
    "redirects": _redirects,
    "redirects_for_ever": _redirects_for_ever,
    "redirects_to_a_file": _redirects_to_a_file,
    "falls_silent": _falls_silent,
    "is_down": _is_down,
    "is_no_http": _is_no_http,
}


class BrokenServer(http.server.ThreadingHTTPServer):
    """files: name -> bytes. requests: behaviour and Range of each, in their order."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.requests: list[tuple[str, str]] = []
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def address(self, behaviour: str, name: str = "weights.pth") -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/{name}"

    def stop(self) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()
