"""Videos: the right pictures, with their true times, upright, in their colours."""

import logging
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from drawn.media import number_in, numbered_frames, write_audio, write_video

from openpose_py.errors import InputError, UsageError
from openpose_py.records import Frame
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.video import Video

CODECS = [
    ("a.mp4", "libx264"),
    ("a.mp4", "mpeg4"),
    ("a.mov", "libx264"),
    ("a.avi", "mjpeg"),
    ("a.avi", "mpeg4"),
    ("a.mkv", "libx264"),
    ("a.ts", "libx264"),
    ("a.webm", "libvpx"),
]


def _frames(path: Path, wanted: FrameRange = FrameRange()) -> list[Frame]:  # noqa: B008
    return list(Video(path, wanted).frames())


@pytest.mark.parametrize(("name", "codec"), CODECS)
def test_every_frame_comes_once_and_in_order(tmp_path: Path, name: str, codec: str) -> None:
    video = Video(write_video(tmp_path / name, numbered_frames(40), codec=codec), FrameRange())
    frames = list(video.frames())
    assert [frame.index for frame in frames] == list(range(40))
    assert [number_in(frame.pixels) for frame in frames] == list(range(40))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(40)])
    assert (video.fps, video.count, video.unreadable) == (25.0, 40, [])


def test_frames_are_named_after_the_file_and_their_number(tmp_path: Path) -> None:
    path = write_video(tmp_path / "my.clip.mp4", numbered_frames(12))
    frame = _frames(path)[11]
    assert (frame.name, frame.origin) == ("my.clip_000000000011", str(path))
    assert frame.pixels.shape == (96, 160, 3)
    assert frame.pixels.dtype == np.uint8
    assert frame.pixels.flags.c_contiguous


@pytest.mark.parametrize("name", ["été 日本.mp4", "a:b.mp4", "http:x.mp4", "f%03d.mp4", "-i.mp4"])
def test_odd_file_names_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_video(tmp_path / "plain.mp4", numbered_frames(3)).rename(path)
    assert len(_frames(path)) == 3


def test_odd_sizes_and_sound_do_not_matter(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", numbered_frames(30, (102, 58)), 29.97, audio=True)
    video = Video(path, FrameRange())
    frames = list(video.frames())
    assert [number_in(frame.pixels) for frame in frames] == list(range(30))
    assert frames[0].size == (102, 58)
    assert video.fps == pytest.approx(29.97, abs=0.01)
    assert video.count is not None
    assert abs(video.count - 30) <= 3


@pytest.mark.parametrize(
    "wanted",
    [
        FrameRange(0, None, 3),
        FrameRange(5, None, 7),
        FrameRange(7, 19),
        FrameRange(39, 39),
        FrameRange(3, 30, 50),
        FrameRange(0, 500, 20),
    ],
)
def test_first_last_and_step_choose_the_right_pictures(tmp_path: Path, wanted: FrameRange) -> None:
    video = Video(write_video(tmp_path / "a.mp4", numbered_frames(40)), wanted)
    frames = list(video.frames())
    expected = [number for number in range(40) if wanted.wants(number)]
    assert [frame.index for frame in frames] == expected
    assert [number_in(frame.pixels) for frame in frames] == expected
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in expected])
    assert video.count == len(expected)


def test_a_first_frame_beyond_the_end_is_a_wrong_flag(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(4))
    with pytest.raises(UsageError, match="has only 4 frames") as caught:
        _frames(path, FrameRange(first=4))
    assert "at most 3" in caught.value.hint


def test_repeat_starts_again_at_the_first_wanted_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(9))
    video = Video(path, FrameRange(first=2, step=3, repeat=True))
    frames = video.frames()
    assert [number_in(next(frames).pixels) for _ in range(7)] == [2, 5, 8, 2, 5, 8, 2]
    assert video.count is None
    video.close()
    assert list(frames) == []


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    times = [0, 40, 100, 1000, 1040, 5000]
    path = write_video(tmp_path / "a.mp4", numbered_frames(6), times=times)
    assert [frame.time for frame in _frames(path)] == pytest.approx([t / 1000 for t in times])


def test_times_count_from_the_first_frame_of_the_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", numbered_frames(3), times=[2000, 2050, 2500])
    assert [frame.time for frame in _frames(path)] == pytest.approx([0, 0.05, 0.5])


def _corners(size: tuple[int, int] = (160, 96)) -> np.ndarray:
    """A picture whose four quarters have different grey levels."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, width // 2 :] = 80
    picture[height // 2 :, : width // 2] = 160
    picture[height // 2 :, width // 2 :] = 240
    return picture


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_picture_filmed_sideways_stands_upright(
    tmp_path: Path, turned: int, mirrored: bool
) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, [_corners()] * 3, turned=turned, mirrored=mirrored)
    expected = np.rot90(_corners(), turned // 90)
    expected = expected[:, ::-1] if mirrored else expected
    for frame in _frames(path):
        difference = np.abs(frame.pixels.astype(int) - expected)
        assert np.percentile(difference, 95) <= 6
        assert frame.pixels.flags.c_contiguous


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.avi", "mjpeg")])
def test_limited_and_full_range_videos_have_the_same_colours(
    tmp_path: Path, name: str, codec: str
) -> None:
    for colour in [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 200, 0), (20, 60, 220)]:
        picture = np.full((96, 160, 3), colour, np.uint8)
        (frame,) = _frames(write_video(tmp_path / name, [picture], codec=codec))
        np.testing.assert_allclose(frame.pixels[48, 80], colour, atol=6)


def test_a_size_that_changes_midway_is_followed(tmp_path: Path) -> None:
    small = write_video(tmp_path / "a.h264", numbered_frames(8))
    large = write_video(tmp_path / "b.h264", numbered_frames(8, (320, 192)))
    both = tmp_path / "c.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    frames = _frames(both)
    assert [number_in(frame.pixels) for frame in frames] == [*range(8), *range(8)]
    assert [frame.size for frame in frames] == [(160, 96)] * 8 + [(320, 192)] * 8
    times = [frame.time for frame in frames]
    assert times == sorted(set(times))


def _error(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        _frames(path)
    assert caught.value.where == f"--video {path}"
    return caught.value.what


def test_files_without_a_picture_are_input_errors(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a video " * 100)
    assert _error(tmp_path / "empty.mp4") == "the file is empty"
    assert "cannot be read as a video" in _error(tmp_path / "text.mp4")
    assert "cannot be read as a video" in _error(tmp_path / "missing.mp4")
    assert "cannot be read as a video" in _error(tmp_path)
    assert _error(write_audio(tmp_path / "tone.mp4")) == "has no video stream"


def test_closing_between_frames_and_twice_ends_the_frames(tmp_path: Path) -> None:
    video = Video(write_video(tmp_path / "a.mp4", numbered_frames(30)), FrameRange())
    frames = video.frames()
    next(frames)
    video.close()
    video.close()
    assert list(frames) == []


def test_closing_before_the_first_frame_gives_no_frames(tmp_path: Path) -> None:
    video = Video(write_video(tmp_path / "a.mp4", numbered_frames(3)), FrameRange())
    video.close()
    assert list(video.frames()) == []


@pytest.mark.parametrize("wait", [0.0, 0.001, 0.003, 0.01, 0.03])
def test_closing_from_another_thread_ends_the_frames(tmp_path: Path, wait: float) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(40))
    for _ in range(4):
        video = Video(path, FrameRange(repeat=True))
        seen: list[int] = []
        thread = threading.Thread(
            target=lambda v=video, s=seen: s.extend(f.index for f in v.frames())
        )
        thread.start()
        time.sleep(wait)
        video.close()
        thread.join(10)
        assert not thread.is_alive()
        assert seen == [number % 40 for number in range(len(seen))]


def test_a_long_video_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    status = Path("/proc/self/statm")
    if not status.exists():
        pytest.skip("memory is read from /proc")
    size = (640, 360)
    path = write_video(tmp_path / "a.avi", numbered_frames(300, size), codec="mpeg4")

    def megabytes() -> float:
        return int(status.read_text().split()[1]) * 4096 / 1e6

    used = [megabytes() for frame in Video(path, FrameRange()).frames()]
    assert len(used) == 300
    assert max(used[50:]) - used[50] < 20  # MB; the 250 pictures are 170


def test_nothing_is_logged_about_a_sound_video(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(5))
    capfd.readouterr()
    with caplog.at_level(logging.DEBUG):
        _frames(path)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
