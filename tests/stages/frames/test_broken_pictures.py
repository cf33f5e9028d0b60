"""Folders with broken pictures in them: left out, noted, never the end of the run."""

import os
import struct
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.media import numbered_frames, numbered_picture, write_pictures
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.stages.frames.picture_folder import PictureFolder
from openpose_py.stages.frames.source import FrameRange

PICTURE = numbered_picture(7)


def test_broken_pictures_are_left_out_and_noted_and_the_run_goes_on(tmp_path: Path) -> None:
    whole = cv2.imencode(".png", PICTURE)[1].tobytes()
    pictures = {"a.png": b"", "b.png": whole[:200], "c.jpg": b"no picture", "d.png": whole}
    pictures |= {"e.gif": b"GIF89a\1\0", "f.png": whole}
    source = PictureFolder(write_pictures(tmp_path, pictures), FrameRange())
    assert [(frame.name, frame.index) for frame in source.frames()] == [("d", 3), ("f", 5)]
    broken = ["a.png", "b.png", "c.jpg", "e.gif"]
    assert source.unreadable == [f"{name}: cannot be decoded" for name in broken]


def _png_chunk(name: bytes, content: bytes) -> bytes:
    check_sum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check_sum


def _png(side: int) -> bytes:
    header = _png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    pixels = _png_chunk(b"IDAT", zlib.compress(b"\0" * 99))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + _png_chunk(b"IEND", b"")


def _jpeg(side: int) -> bytes:
    data = bytearray(cv2.imencode(".jpg", PICTURE)[1].tobytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(data)


def _png_with_a_wrong_length() -> bytes:
    data = bytearray(cv2.imencode(".png", PICTURE)[1].tobytes())
    data[33:37] = b"\xff\xff\x0c\xf0"
    return bytes(data)


HUGE = {
    "a.png": _png(30_000),
    "b.png": _png(100_000),
    "c.jpg": _jpeg(40_000),
    "d.png": _png_with_a_wrong_length(),
    "e.ppm": b"P6 30000 30000 255\n" + bytes(99),
    "f.gif": b"GIF89a" + struct.pack("<HHBBB", 60_000, 60_000, 0, 0, 0) + bytes(99),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_header_that_promises_a_huge_picture_is_only_a_broken_picture(
    tmp_path: Path, name: str
) -> None:
    folder = write_pictures(tmp_path, {name: HUGE[name], "z.png": PICTURE})
    source = PictureFolder(folder, FrameRange())
    before = time.perf_counter()
    assert [frame.name for frame in source.frames()] == ["z"]
    assert time.perf_counter() - before < 5
    assert source.unreadable == [f"{name}: cannot be decoded"]


def test_a_blank_picture_is_not_taken_for_a_broken_one(tmp_path: Path) -> None:
    blank = np.full((1500, 1500, 3), 255, np.uint8)
    flags = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    small = cv2.imencode(".jpg", blank, flags)[1].tobytes()
    source = PictureFolder(write_pictures(tmp_path, {"a.jpg": small, "b.png": blank}), FrameRange())
    assert [frame.size for frame in source.frames()] == [(1500, 1500)] * 2
    assert source.unreadable == []


def test_damage_beside_the_pixels_of_a_png_does_not_matter(tmp_path: Path) -> None:
    data = cv2.imencode(".png", PICTURE)[1].tobytes()
    note = bytearray(_png_chunk(b"tEXt", b"Comment\0hello"))
    note[-1] ^= 1
    (tmp_path / "a.png").write_bytes(data[:33] + note + data[33:])
    (frame,) = PictureFolder(tmp_path, FrameRange()).frames()
    np.testing.assert_array_equal(frame.pixels, PICTURE)


def test_a_picture_that_vanishes_a_dead_link_and_a_pipe_are_noted(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path, {"a.png": PICTURE, "b.png": PICTURE})
    (folder / "c.png").symlink_to("nowhere.png")
    os.mkfifo(folder / "d.png")
    source = PictureFolder(folder, FrameRange())
    (folder / "b.png").unlink()
    assert [frame.name for frame in source.frames()] == ["a"]
    assert source.unreadable == [f"{n}.png: is not a file any more" for n in "bcd"]


def test_repeat_ends_when_no_picture_can_be_read_and_notes_each_once(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path, {"a.png": b"broken"})
    source = PictureFolder(folder, FrameRange(repeat=True))
    assert list(source.frames()) == []
    assert source.unreadable == ["a.png: cannot be decoded"]


def test_opencv_is_as_talkative_after_a_broken_picture_as_before(tmp_path: Path) -> None:
    before = cv2.utils.logging.getLogLevel()
    folder = write_pictures(tmp_path, {"a.png": b"broken"})
    assert list(PictureFolder(folder, FrameRange()).frames()) == []
    assert cv2.utils.logging.getLogLevel() == before


ENCODED = {
    ending: cv2.imencode(f".{ending}", numbered_frames(2, (48, 32))[1])[1].tobytes()
    for ending in ("jpg", "png", "bmp", "webp", "tif", "gif", "jp2", "ppm", "ras")
}


@settings(max_examples=200, deadline=5000)
@given(
    ending=st.sampled_from(sorted(ENCODED)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12),
    kept=st.floats(0, 1),
)
def test_any_bytes_give_a_picture_or_a_note(
    ending: str,
    changes: list[tuple[float, int]],
    kept: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = bytearray(ENCODED[ending])
    for place, value in changes:
        data[int(place * len(data))] = value
    folder = tmp_path_factory.getbasetemp() / "any_picture"
    for old in folder.glob("*"):
        old.unlink()
    cut = int(len(data) * (kept if kept < 0.5 else 1))
    source = PictureFolder(write_pictures(folder, {f"p.{ending}": bytes(data[:cut])}), FrameRange())
    frames = list(source.frames())
    assert len(frames) + len(source.unreadable) == 1
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.ndim == 3
