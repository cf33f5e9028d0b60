"""A network camera on the loopback address: an endless MJPEG stream that can be killed."""

import contextlib
import http.server
import socket
import threading

import cv2
from drawn.media import numbered_picture

HANG = -1
BOUNDARY = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"


class _Handler(http.server.BaseHTTPRequestHandler):
    """An endless MJPEG stream of numbered pictures; the number of its frames is the server's."""

    server: "MjpegServer"

    def do_GET(self) -> None:
        self.server.requests += 1
        self.server.sockets.append(self.connection)
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        if self.server.frames == HANG:
            self.server.stopped.wait()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        with contextlib.suppress(OSError):
            self._send_pictures()

    def _send_pictures(self) -> None:
        for number in range(self.server.frames):
            jpeg = cv2.imencode(".jpg", numbered_picture(number % 4096))[1].tobytes()
            self.wfile.write(BOUNDARY % len(jpeg) + jpeg + b"\r\n")
            if self.server.stopped.wait(self.server.pause):
                return
        if self.server.then_hangs:
            self.server.stopped.wait()

    def log_message(self, format: str, *args: object) -> None:
        pass


class MjpegServer(http.server.ThreadingHTTPServer):
    """A camera on 127.0.0.1; `kill` breaks all connections off."""

    daemon_threads = True

    def __init__(
        self,
        port: int = 0,
        *,
        frames: int = 100_000,
        pause: float = 0.01,
        status: int = 200,
        then_hangs: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.frames, self.pause, self.status, self.then_hangs = frames, pause, status, then_hangs
        self.stopped = threading.Event()
        self.sockets: list[socket.socket] = []
        self.requests = 0
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/video"

    def kill(self) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()
        for connection in self.sockets:
            connection.close()
