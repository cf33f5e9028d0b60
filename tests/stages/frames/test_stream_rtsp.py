"""RTSP cameras: a small server on 127.0.0.1 that sends H.264 over the same connection."""

import base64
import contextlib
import functools
import itertools
import re
import socketserver
import threading
import time
from collections.abc import Iterator

import av
import pytest
from drawn.media import number_in, numbered_picture

from openpose_py.errors import InputError
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.stream import Patience, Stream

QUICK = Patience(answer=3.0, first_pause=0.05, longest_pause=0.2)
FRAMES = 100
RTCP = 200
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    "a=framerate:25\r\na=control:track\r\n"
)
PASSWORD = "Basic " + base64.b64encode(b"admin:s3cret").decode()


class _Packets:
    """A file that keeps what is written to it, write by write."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, packet: bytes) -> int:
        self.written.append(bytes(packet))
        return len(packet)


@functools.cache
def _packets() -> list[bytes]:
    """RTP packets of FRAMES numbered pictures."""
    file = _Packets()
    with av.open(file, "w", format="rtp", options={"packetsize": "1400"}, buffer_size=1400) as rtp:
        stream = rtp.add_stream("libx264", rate=25, options={"tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 160, 96, "yuv420p", 5
        for number in range(FRAMES):
            picture = av.VideoFrame.from_ndarray(numbered_picture(number), format="bgr24")
            rtp.mux(stream.encode(picture))
        rtp.mux(stream.encode())
    return [packet for packet in file.written if packet[1] != RTCP]


class _Handler(socketserver.StreamRequestHandler):
    server: "RtspServer"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while request := self._request():
                self._answer(request)

    def _request(self) -> str:
        return b"".join(iter(self.rfile.readline, b"\r\n")).decode() if self.rfile.peek(1) else ""

    def _answer(self, request: str) -> None:
        method = request.partition(" ")[0]
        self.server.methods.append(method)
        if self.server.wants_password and PASSWORD not in request:
            self._say(request, "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n')
        elif method == "OPTIONS":
            self._say(request, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n")
        elif method == "DESCRIBE":
            self._say(request, "200 OK", "Content-Type: application/sdp\r\n", SDP)
        elif method == "SETUP":
            wish = re.search(r"Transport: (.*)\r\n", request)
            assert wish
            self._say(request, "200 OK", f"Transport: {wish[1]}\r\nSession: 1\r\n")
        elif method == "PLAY":
            self._say(request, "200 OK", "Session: 1\r\n")
            self._play()

    def _say(self, request: str, status: str, lines: str, body: str = "") -> None:
        number = re.search(r"CSeq: (\d+)", request)
        assert number
        head = f"RTSP/1.0 {status}\r\nCSeq: {number[1]}\r\n{lines}Content-Length: {len(body)}\r\n"
        self.wfile.write(f"{head}\r\n{body}".encode())

    def _play(self) -> None:
        """All packets, then the connection ends."""
        for packet in _packets():
            self.wfile.write(b"$\0" + len(packet).to_bytes(2, "big") + packet)
            time.sleep(0.005)
        raise ConnectionAbortedError


class RtspServer(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True
    wants_password = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.methods: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def address(self, user: str = "") -> str:
        return f"rtsp://{user}127.0.0.1:{self.server_address[1]}/channel"


@pytest.fixture
def server() -> Iterator[RtspServer]:
    _packets()
    with RtspServer() as server:
        yield server
        server.shutdown()


def test_frames_of_an_rtsp_camera_come_in_order(server: RtspServer) -> None:
    stream = Stream(server.address(), FrameRange(), QUICK)
    frames = list(itertools.islice(stream.frames(), 30))
    numbers = [number_in(frame.pixels) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert [frame.name for frame in frames[:2]] == ["000000000000", "000000000001"]
    assert stream.fps == pytest.approx(25)
    assert server.methods == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]


def test_an_rtsp_camera_that_ends_is_opened_again(server: RtspServer) -> None:
    stream = Stream(server.address(), FrameRange(last=250), QUICK)
    assert len(list(stream.frames())) == 251
    assert server.methods.count("PLAY") >= 3
    assert stream.unreadable[0].endswith("times")


def test_user_and_password_of_the_address_are_used_and_not_shown(server: RtspServer) -> None:
    server.wants_password = True
    stream = Stream(server.address("admin:s3cret@"), FrameRange(last=3), QUICK)
    frames = list(stream.frames())
    assert len(frames) == 4
    assert frames[0].origin == server.address("admin:***@")


def test_a_missing_password_is_told(server: RtspServer) -> None:
    server.wants_password = True
    with pytest.raises(InputError, match="401 Unauthorized") as caught:
        Stream(server.address(), FrameRange(), QUICK)
    assert "USER:PASSWORD" in caught.value.hint
