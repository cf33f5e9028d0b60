"""Videos that are cut off, damaged or made of any bytes: the readable is read, the rest noted."""

import functools
import tempfile
from pathlib import Path

import av
import numpy as np
import pytest
from drawn.media import number_in, numbered_frames, write_video
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.errors import InputError
from openpose_py.records import Frame
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.video import Video

FAST_START = {"movflags": "faststart"}


def _read(path: Path) -> tuple[list[Frame], list[str]]:
    video = Video(path, FrameRange())
    return list(video.frames()), video.unreadable


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [("a.mp4", "libx264", FAST_START), ("a.avi", "mjpeg", {}), ("a.mkv", "libx264", {})],
)
def test_a_file_that_is_cut_off_gives_its_frames_until_there_and_a_note(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    path = write_video(tmp_path / name, numbered_frames(120), codec=codec, options=options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    frames, unreadable = _read(path)
    assert 20 < len(frames) < 119
    assert [number_in(frame.pixels) for frame in frames[:20]] == list(range(20))
    assert unreadable[-1].startswith(f"{name}: is cut off after {len(frames)} frames, at ")


def test_a_cut_off_file_without_its_index_is_an_input_error(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(30))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(InputError, match="cannot be read as a video"):
        _read(path)


def _blank(path: Path, numbers: set[int]) -> None:
    """Fills frames of an AVI file with zeros, its chunks after "movi": name, size, bytes."""
    data = bytearray(path.read_bytes())
    start, number = data.index(b"movi") + 4, 0
    while data[start : start + 4] == b"00dc":
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        if number in numbers:
            data[start + 8 : start + 8 + size] = bytes(size)
        start, number = start + 8 + size + size % 2, number + 1
    path.write_bytes(data)


def test_damaged_frames_are_skipped_and_counted_and_the_rest_is_right(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", numbered_frames(40), codec="mjpeg")
    _blank(path, {10, 20, 21})
    frames, unreadable = _read(path)
    left = [number for number in range(40) if number not in (10, 20, 21)]
    assert [number_in(frame.pixels) for frame in frames] == left
    assert [frame.index for frame in frames] == list(range(37))
    assert [frame.time for frame in frames] == pytest.approx([number / 25 for number in left])
    assert unreadable == ["a.avi: 3 damaged frames were skipped"]


def test_damage_is_noted_once_when_the_video_repeats(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", numbered_frames(4), codec="mjpeg")
    _blank(path, {1})
    video = Video(path, FrameRange(repeat=True))
    frames = video.frames()
    assert [number_in(next(frames).pixels) for _ in range(7)] == [0, 2, 3, 0, 2, 3, 0]
    video.close()
    assert list(frames) == []
    assert video.unreadable == ["a.avi: 1 damaged frame was skipped"]


def test_a_file_whose_frames_are_all_damaged_is_an_input_error(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", numbered_frames(5), codec="mjpeg")
    _blank(path, set(range(5)))
    with pytest.raises(InputError, match="no frame of it can be decoded"):
        _read(path)


def test_a_file_damaged_in_the_middle_is_read_to_its_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", numbered_frames(120), options=FAST_START)
    data = bytearray(path.read_bytes())
    middle = len(data) * 6 // 10
    data[middle : middle + 40] = np.random.default_rng(1).bytes(40)
    path.write_bytes(data)
    frames, _ = _read(path)
    assert len(frames) > 100
    assert number_in(frames[-1].pixels) == 119
    assert [frame.index for frame in frames] == list(range(len(frames)))


def test_empty_packets_between_the_frames_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.nut"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = 96, 160, "yuv420p"
        for number, pixels in enumerate(numbered_frames(8)):
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            for packet in stream.encode(frame):
                packet.pts = packet.dts = 2 * number
                time_base = packet.time_base
                container.mux(packet)
            empty = av.Packet(0)
            empty.pts = empty.dts = 2 * number + 1
            empty.stream, empty.time_base = stream, time_base
            container.mux(empty)
    frames, unreadable = _read(path)
    assert [number_in(frame.pixels) for frame in frames] == list(range(8))
    assert unreadable == []


def test_a_stream_that_begins_late_in_the_file_does_not_disturb(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.flv", numbered_frames(250))
    text = b"\x02\x00\x0aonTextData\x08\x00\x00\x00\x01\x00\x04text\x02\x00\x02hi\x00\x00\x09"
    tag = b"\x12" + len(text).to_bytes(3, "big") + b"\0\x27\0\0\0\0\0" + text
    path.write_bytes(path.read_bytes() + tag + len(tag).to_bytes(4, "big"))
    frames, unreadable = _read(path)
    assert [number_in(frame.pixels) for frame in frames] == list(range(250))
    assert unreadable == []


CLIPS = [
    ("a.mp4", "libx264"),
    ("a.mp4", "mpeg4"),
    ("a.avi", "mjpeg"),
    ("a.mkv", "libx264"),
    ("a.ts", "libx264"),
]


@functools.cache
def _clip(number: int) -> bytes:
    name, codec = CLIPS[number]
    with tempfile.TemporaryDirectory() as folder:
        path = write_video(Path(folder) / name, numbered_frames(12), codec=codec, audio=True)
        return path.read_bytes()


@settings(max_examples=60, deadline=30_000)
@given(
    number=st.integers(0, len(CLIPS) - 1),
    changes=st.lists(
        st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=8)), max_size=20
    ),
    kept=st.floats(0, 1),
)
def test_any_bytes_give_frames_or_one_input_error(
    number: int,
    changes: list[tuple[float, bytes]],
    kept: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = bytearray(_clip(number))
    for place, new in changes:
        at = int(place * len(data))
        data[at : at + len(new)] = new
    path = tmp_path_factory.getbasetemp() / f"any_{CLIPS[number][0]}"
    path.write_bytes(data[: int(len(data) * (kept if kept < 0.5 else 1))])
    try:
        frames, _ = _read(path)
    except InputError:
        return
    assert [frame.index for frame in frames] == sorted({frame.index for frame in frames})
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.ndim == 3
