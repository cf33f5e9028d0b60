"""Streams of network cameras: the newest frames, lost connections, servers that hang or lie."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from drawn.media import number_in, numbered_frames, write_video
from drawn.mjpeg_server import HANG, MjpegServer

from openpose_py.errors import InputError
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.stream import Patience, Stream, without_secrets

QUICK = Patience(answer=2.0, first_pause=0.05, longest_pause=0.2, first_tries=3, later_tries=5)
ALL = FrameRange()


@pytest.fixture
def camera() -> Iterator[Callable[..., MjpegServer]]:
    """Makes servers and kills them in the end."""
    servers: list[MjpegServer] = []

    def make(*args: int, **flags: float) -> MjpegServer:
        servers.append(MjpegServer(*args, **flags))  # type: ignore[arg-type]
        return servers[-1]

    yield make
    for server in servers:
        if not server.stopped.is_set():
            server.kill()


def test_frames_come_with_names_times_and_their_pictures(camera) -> None:
    server = camera()
    stream = Stream(server.address, ALL, QUICK)
    frames = list(itertools.islice(stream.frames(), 20))
    assert [frame.name for frame in frames[:2]] == ["000000000000", "000000000001"]
    assert [frame.index for frame in frames] == list(range(20))
    numbers = [number_in(frame.pixels) for frame in frames]
    assert numbers == sorted(set(numbers))
    times = [frame.time for frame in frames]
    assert times[0] == 0
    assert times == sorted(times)
    assert frames[0].pixels.shape == (96, 160, 3)
    assert (frames[0].origin, stream.count, stream.unreadable) == (server.address, None, [])


def test_a_slow_consumer_gets_the_newest_frame(camera) -> None:
    frames = Stream(camera(pause=0.02).address, ALL, QUICK).frames()
    first = number_in(next(frames).pixels)
    time.sleep(1)
    next(frames)
    assert number_in(next(frames).pixels) - first > 15


def test_first_last_and_step_count_the_frames_taken(camera) -> None:
    stream = Stream(camera().address, FrameRange(first=2, last=9, step=3), QUICK)
    assert [frame.index for frame in stream.frames()] == [2, 5, 8]


def test_a_server_that_is_killed_and_comes_back_goes_on(camera) -> None:
    server = camera()
    stream = Stream(server.address, ALL, QUICK)
    frames = stream.frames()
    for _ in range(5):
        next(frames)
    server.kill()
    threading.Timer(0.3, camera, [server.server_port]).start()
    # frames that were still under way come first
    indices = [next(frames).index for _ in range(40)]
    assert indices == list(range(5, 45))
    frames.close()
    assert stream.unreadable == [f"{server.address}: the stream broke off once"]


def test_a_stream_that_ends_again_and_again_is_opened_anew(camera) -> None:
    server = camera(frames=10)
    stream = Stream(server.address, FrameRange(last=29), QUICK)
    assert len(list(stream.frames())) == 30
    assert server.requests >= 3
    assert "broke off" in stream.unreadable[0]


def test_a_stream_that_is_gone_for_good_ends_with_a_note(camera) -> None:
    server = camera()
    stream = Stream(server.address, ALL, QUICK)
    frames = stream.frames()
    next(frames)
    started = time.monotonic()
    server.kill()
    list(frames)
    assert time.monotonic() - started > 0.05 + 0.1 + 0.2 + 0.2
    broke_off, not_back = stream.unreadable
    assert broke_off.endswith("broke off once")
    assert not_back.endswith("it did not come back: connection refused, in 5 tries")


def test_a_server_without_a_frame_is_an_error(camera) -> None:
    server = camera(frames=0)
    with pytest.raises(InputError, match="in 3 tries") as caught:
        list(Stream(server.address, ALL, QUICK).frames())
    assert server.requests == 3
    assert caught.value.where == f"--ip_camera {server.address}"
    assert "is the camera on" in caught.value.hint


def test_a_server_that_never_answers_is_given_up(camera) -> None:
    patience = Patience(answer=0.3, first_pause=0.05, first_tries=2)
    started = time.monotonic()
    with pytest.raises(InputError, match=r"no answer within 0\.3 s, in 2 tries"):
        Stream(camera(frames=HANG).address, ALL, patience)
    assert time.monotonic() - started < 5


def test_a_stream_that_stalls_is_opened_again(camera) -> None:
    server = camera(frames=20, then_hangs=True)
    stream = Stream(server.address, FrameRange(last=50), Patience(0.4, 0.05))
    assert len(list(stream.frames())) == 51
    assert server.requests >= 3


def test_close_from_another_thread_ends_a_stream_that_hangs_at_once(camera) -> None:
    server = camera(frames=20, then_hangs=True)
    stream = Stream(server.address, ALL, Patience(answer=2))
    threading.Timer(0.6, stream.close).start()
    started = time.monotonic()
    list(stream.frames())
    assert time.monotonic() - started < 1.5
    stream._thread.join(5)
    assert not stream._thread.is_alive()
    assert (server.requests, stream.unreadable) == (1, [])


def test_close_ends_the_pause_before_another_try(camera) -> None:
    server = camera()
    stream = Stream(server.address, ALL, Patience(first_pause=30))
    frames = stream.frames()
    next(frames)
    server.kill()
    threading.Timer(0.5, stream.close).start()
    started = time.monotonic()
    list(frames)
    stream._thread.join(2)
    assert time.monotonic() - started < 3
    assert not stream._thread.is_alive()


@pytest.mark.parametrize(
    ("status", "what"), [(404, "404 Not Found"), (401, "401 Unauthorized"), (403, "403 Forbidden")]
)
def test_what_another_try_cannot_mend_is_an_error_at_once(camera, status: int, what: str) -> None:
    server = camera(status=status)
    with pytest.raises(InputError, match=what) as caught:
        Stream(server.address, ALL, QUICK)
    assert server.requests == 1
    assert ("USER:PASSWORD" in caught.value.hint) == (status == 401)


def test_an_rtsp_server_that_is_not_there_is_an_error_without_the_password() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="connection refused, in 3 tries") as caught:
            Stream(f"rtsp://admin:s3cret@127.0.0.1:{port}/ch1", ALL, QUICK)
    assert "s3cret" not in str(caught.value)
    assert f"rtsp://admin:***@127.0.0.1:{port}/ch1" in str(caught.value)


@pytest.mark.parametrize("address", ["clip.mp4", "/dev/video0", "0", "rtsp:/a", "://a", ""])
def test_what_is_no_address_is_told_so(address: str) -> None:
    with pytest.raises(InputError, match="is not an address"):
        Stream(address, ALL, QUICK)


def test_an_unknown_protocol_is_told_at_once() -> None:
    with pytest.raises(InputError, match="protocol not found\n  did you mean rtsp"):
        Stream("rstp://127.0.0.1/a", ALL, QUICK)


def test_a_video_behind_an_address_is_read_once_and_whole(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(30))
    stream = Stream(f"file://{path}", ALL, QUICK)
    frames = []
    for frame in stream.frames():
        time.sleep(0.005)
        frames.append(frame)
    assert [number_in(frame.pixels) for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(30)])
    assert (stream.fps, stream.unreadable) == (25.0, [])


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    from drawn.media import write_audio

    path = write_audio(tmp_path / "a.mp4")
    with pytest.raises(InputError, match="has no video stream"):
        Stream(f"file://{path}", ALL, QUICK)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://u:p@h/a", "rtsp://u:***@h/a"),
        ("rtsp://u:p/@:x@h:554/a?b=1", "rtsp://u:***@h:554/a?b=1"),
        ("http://h/a?user=u&Password=p&x=1", "http://h/a?user=u&Password=***&x=1"),
        ("http://h/a?pwd=p", "http://h/a?pwd=***"),
        ("http://h:80/a", "http://h:80/a"),
    ],
)
def test_passwords_are_not_shown(address: str, shown: str) -> None:
    assert without_secrets(address) == shown
