"""The page of a run under way: who may see it, what it costs the run, how it ends."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from drawn.command import openpose_py

from openpose_py.errors import UsageError
from openpose_py.records import Frame, People, Result
from openpose_py.report import live_server
from openpose_py.report.live_feed import KEPT, WIDEST, LiveFeed
from openpose_py.report.live_server import LiveServer


def result(number: int, width: int = 64, people: int = 1, view: int = 0) -> Result:
    frame = Frame(
        np.full((36, width, 3), number % 256, np.uint8), number, "a", number / 10, "", view
    )
    keypoints = np.full((people, 25, 3), number + 0.25, np.float32)
    return Result(frame, People(keypoints, np.ones(people, np.float32)))


@pytest.fixture
def server():
    feed = LiveFeed()
    server = LiveServer(feed, b"<p>page</p>", "127.0.0.1", 0)
    server.feed = feed
    yield server
    server.close()


def get(address: str, path: str = "/", more: str = "") -> tuple[int, bytes, dict]:
    root, token = address.split("/?")
    try:
        with urllib.request.urlopen(f"{root}{path}?{token}{more}", timeout=10) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read(), dict(problem.headers)


def test_viewers_get_frames_in_order_and_miss_none_that_is_kept():
    feed = LiveFeed()
    for number in range(5):
        feed.add(result(number))
    feed.add(result(9, view=1))
    first = feed.after(0, 0)
    assert [frame["number"] for frame in first["frames"]] == list(range(5))
    assert first["next"] == 5 and not first["ended"]
    assert first["frames"][4]["people"][0]["points"][:3] == [4.25] * 3
    feed.add(result(5))
    assert [frame["number"] for frame in feed.after(5, 0)["frames"]] == [5]
    assert feed.after(6, 0.05)["frames"] == []
    feed.end()
    assert feed.after(6, 60)["ended"]


def test_a_slow_viewer_costs_no_memory_and_no_time():
    feed = LiveFeed()
    start = time.monotonic()
    for number in range(10 * KEPT):
        feed.add(result(number))
    assert time.monotonic() - start < 2
    late = feed.after(3, 0)
    assert [frame["number"] for frame in late["frames"]] == list(range(9 * KEPT, 10 * KEPT))
    assert late["next"] == 10 * KEPT


def test_only_the_newest_picture_is_kept_and_wide_ones_are_made_smaller():
    import cv2

    feed = LiveFeed()
    assert feed.picture() is None
    feed.add(result(3))
    feed.add(result(7, width=2 * WIDEST))
    number, jpeg = feed.picture()
    assert number == 7 and feed.picture()[1] is jpeg
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).shape == (18, WIDEST, 3)


def test_nothing_is_answered_without_the_token(server):
    assert server.address.startswith("http://127.0.0.1:") and len(server.token) > 20
    assert get(server.address)[:2] == (200, b"<p>page</p>")
    other = server.address.replace(server.token, "x" * len(server.token))
    for path in ("/", "/frames", "/picture", "/nothing"):
        for address in (other, server.address.replace(server.token, ""), f"{other}é"):
            if address.isascii():
                assert get(address, path)[0] == 403
        bare = server.address.split("?")[0].rstrip("/") + path
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(bare, timeout=10)
    assert get(server.address, "/nothing")[0] == 404


def test_frames_and_pictures_are_served(server):
    assert get(server.address, "/picture")[0] == 204
    server.feed.add(result(4))
    status, body, headers = get(server.address, "/picture")
    assert status == 200 and body[:2] == b"\xff\xd8" and headers["X-Frame"] == "4"
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    found = json.loads(get(server.address, "/frames", "&from=nonsense")[1])
    assert [frame["number"] for frame in found["frames"]] == [4]


def test_viewers_beyond_the_limit_are_turned_away(monkeypatch):
    monkeypatch.setattr(live_server, "MOST_REQUESTS", 1)
    server = LiveServer(LiveFeed(), b"page", "127.0.0.1", 0)
    root, token = server.address.removeprefix("http://").split("/?")
    host, port = root.split(":")
    with socket.create_connection((host, int(port))) as waiting:
        waiting.sendall(f"GET /frames?{token} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        deadline = time.monotonic() + 5
        while (status := get(server.address)[0]) != 503 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert status == 503
        server.close()


def test_a_port_that_is_taken_is_one_clear_error(server):
    port = int(re.search(r":(\d+)/", server.address)[1])
    with pytest.raises(UsageError, match="cannot listen"):
        LiveServer(LiveFeed(), b"", "127.0.0.1", port)
    elsewhere = LiveServer(LiveFeed(), b"", "0.0.0.0", 0)
    assert "other machines" in elsewhere.notice and not server.notice
    elsewhere.close()


def started(*words: object) -> tuple[subprocess.Popen, str]:
    """The command and the address that it prints."""
    command = [sys.executable, "-m", "openpose_py", "view", *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def test_a_run_is_watched_while_it_goes_on_and_its_end_is_told(browser, models, two_people):
    words = ["--image_dir", two_people, "--frames_repeat", "--model_folder", models]
    words += ["--net_resolution", "-1x128", "--fps_max", 20, "--quiet", "--disable_multi_thread"]
    process, address = started(*words)
    try:
        browser.open(address, 1280, 900)
        browser.wait("document.querySelectorAll('#people li').length === 2", 60)
        browser.wait("document.querySelector('#stage img').naturalWidth === 192")
        clock = "document.getElementById('clock').textContent"
        before = browser.ask(clock)
        browser.wait(f"{clock} !== {json.dumps(before)}")
        browser.press("Home")
        browser.wait(f"{clock}.startsWith('0:00.00')")
        process.send_signal(signal.SIGINT)
        browser.wait("document.getElementById('notice').textContent.includes('has ended')")
        assert process.wait(30) == 130
        assert browser.errors == []
    finally:
        process.kill()
    assert "Traceback" not in process.stderr.read()


def test_files_are_written_while_nobody_watches_and_after_ctrl_c_they_are_whole(clip, tmp_path):
    out = tmp_path / "json"
    words = ["--video", clip, "--num_gpu", 0, "--fps_max", 4, "--quiet", "--write_json", out]
    process, address = started(*words)
    deadline = time.monotonic() + 60
    while len(list(out.glob("*.json"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130 and address.startswith("http://127.0.0.1:")
    written = list(out.iterdir())
    assert 4 <= len(written) < 12
    assert all(json.loads(path.read_text())["people"] == [] for path in written)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", 70000], "--port"),
        (["--keypoint_scale", 3], "--keypoint_scale"),
        (["--display", 2], "--display"),
        (["--host", "no.such.host.invalid"], "cannot listen"),
    ],
)
def test_what_cannot_be_is_said_at_once(clip, words, said):
    done = openpose_py("view", "--video", clip, "--num_gpu", 0, *words)
    assert done.code == 2 and done.said(said) and len(done.lines) <= 2


def test_a_run_ends_by_itself_with_code_0(clip, tmp_path: Path):
    done = openpose_py("view", "--video", clip, "--num_gpu", 0, "--write_json", tmp_path, "--quiet")
    assert done.code == 0 and done.out.startswith("http://127.0.0.1:")
    assert len(list(tmp_path.iterdir())) == 12
