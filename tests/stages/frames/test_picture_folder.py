"""Folders of pictures: which, in which order, as which pixels, and broken ones among them."""

import functools
import itertools
import logging
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.media import number_in, numbered_picture, write_pictures
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.errors import InputError, UsageError
from openpose_py.records import Frame
from openpose_py.stages.frames.picture_folder import PictureFolder
from openpose_py.stages.frames.source import FrameRange

PICTURE = numbered_picture(7)


def _frames(folder: Path, **wanted: int | bool | None) -> list[Frame]:
    return list(PictureFolder(folder, FrameRange(**wanted)).frames())  # type: ignore[arg-type]


def _ten(tmp_path: Path) -> Path:
    pictures = {f"p{number}.png": numbered_picture(number) for number in range(10)}
    return write_pictures(tmp_path, pictures)


def test_frames_carry_index_name_time_origin_and_pixels(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path, {"b.c.png": PICTURE, "a.JPG": numbered_picture(3)})
    first, second = _frames(folder)
    assert (first.index, first.name, first.time) == (0, "a", 0.0)
    assert (second.index, second.name, second.origin) == (1, "b.c", str(folder / "b.c.png"))
    assert [number_in(first.pixels), number_in(second.pixels)] == [3, 7]
    np.testing.assert_array_equal(second.pixels, PICTURE)


def test_the_order_is_natural_and_ignores_letter_case(tmp_path: Path) -> None:
    names = ["img2", "IMG10", "img1b", "img1", "img01a", "z", "_", "9", "10", "1 x", "Ä", "日本"]
    folder = write_pictures(tmp_path, {f"{name}.png": PICTURE for name in names})
    found = [frame.name for frame in _frames(folder)]
    expected = ["1 x", "9", "10", "img1", "img01a", "img1b", "img2", "IMG10", "z", "_", "Ä", "日本"]
    assert found == expected


def _compare(a: str, b: str) -> int:
    """OpenPose's comparison, character by character."""
    while a and b:
        if a[0].isdigit() and b[0].isdigit():
            numbers = [text[: len(text) - len(text.lstrip("0123456789"))] for text in (a, b)]
            x, y = (int(number) for number in numbers)
            if x != y:
                return -1 if x < y else 1
            a, b = a[len(numbers[0]) :], b[len(numbers[1]) :]
        elif a[0].isdigit() or b[0].isdigit():
            return -1 if a[0].isdigit() else 1
        elif a[0].upper() != b[0].upper():
            return -1 if a[0].upper() < b[0].upper() else 1
        else:
            a, b = a[1:], b[1:]
    return len(a) - len(b)


NAMES = st.lists(st.text("019aAb_-", min_size=1, max_size=6), min_size=2, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(names=NAMES)
def test_any_names_come_in_the_order_of_a_comparison_by_characters(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names")
    write_pictures(folder, {f"{name}.ppm": PICTURE for name in names})
    found = [Path(frame.origin).name for frame in _frames(folder)]
    key = functools.cmp_to_key(_compare)
    for one, other in itertools.pairwise(found):
        assert key(one) <= key(other)


def test_hidden_files_folders_and_other_files_are_passed_over(tmp_path: Path) -> None:
    write_pictures(tmp_path, {"a.png": PICTURE, ".b.png": PICTURE, "notes.txt": b"text"})
    (tmp_path / "sub.png").mkdir()
    assert [frame.name for frame in _frames(tmp_path)] == ["a"]


FORMATS = ["bmp", "png", "ppm", "ras", "tif", "tiff", "webp", "jp2", "jpg", "jpe", "gif"]


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_is_read(tmp_path: Path, ending: str) -> None:
    ending_for_encoder = {"jpe": "jpg"}.get(ending, ending)
    data = cv2.imencode(f".{ending_for_encoder}", PICTURE)[1].tobytes()
    (frame,) = _frames(write_pictures(tmp_path, {f"p.{ending}": data, "no.dat": b""}))
    assert number_in(frame.pixels) == 7
    assert frame.pixels.dtype == np.uint8
    assert frame.pixels.shape == PICTURE.shape


def test_grey_sixteen_bit_and_transparent_pictures_become_three_bytes_a_pixel(
    tmp_path: Path,
) -> None:
    grey = PICTURE[:, :, 0]
    pictures = {
        "deep.png": PICTURE.astype(np.uint16) * 257,
        "grey.png": grey,
        "seen.png": np.dstack([PICTURE, np.full_like(grey, 9)]),
    }
    for frame in _frames(write_pictures(tmp_path, pictures)):
        np.testing.assert_array_equal(frame.pixels, PICTURE)


def test_the_colours_are_blue_green_red_in_png_and_gif(tmp_path: Path) -> None:
    blue = np.zeros((8, 8, 3), np.uint8)
    blue[:, :, 0] = 255
    for frame in _frames(write_pictures(tmp_path, {"a.png": blue, "b.gif": blue})):
        np.testing.assert_array_equal(frame.pixels[4, 4], [255, 0, 0])


def test_a_jpeg_stands_upright_as_its_exif_data_says(tmp_path: Path) -> None:
    plain = cv2.imencode(".jpg", PICTURE)[1].tobytes()
    turned = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0)
    segment = b"Exif\0\0" + turned
    exif = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]
    upright, sideways = _frames(write_pictures(tmp_path, {"a.jpg": plain, "b.jpg": exif}))
    np.testing.assert_array_equal(sideways.pixels, np.rot90(upright.pixels, -1))


def test_first_last_and_step_choose_among_the_sorted_pictures(tmp_path: Path) -> None:
    folder = _ten(tmp_path)
    for wanted in (FrameRange(2, 8, 3), FrameRange(0, None, 4), FrameRange(9, 9, 1)):
        source = PictureFolder(folder, wanted)
        expected = [number for number in range(10) if wanted.wants(number)]
        frames = list(source.frames())
        assert [frame.index for frame in frames] == expected
        assert [number_in(frame.pixels) for frame in frames] == expected
        assert source.count == len(expected)


def test_a_first_picture_beyond_the_end_means_the_last_one(tmp_path: Path) -> None:
    assert [frame.index for frame in _frames(_ten(tmp_path), first=50)] == [9]


def test_a_last_picture_beyond_the_end_is_a_wrong_flag(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has 10 pictures") as caught:
        PictureFolder(_ten(tmp_path), FrameRange(last=10))
    assert "at most 9" in caught.value.hint


def test_repeat_starts_again_at_the_first_wanted_picture(tmp_path: Path) -> None:
    source = PictureFolder(_ten(tmp_path), FrameRange(first=3, last=5, repeat=True))
    frames = source.frames()
    assert [next(frames).index for _ in range(7)] == [3, 4, 5, 3, 4, 5, 3]
    assert source.count is None
    source.close()
    assert list(frames) == []


def test_equal_names_with_different_endings_warn_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pictures = {name: PICTURE for name in ("a.png", "a.bmp", "b.png", "b.jpg", "c.png")}
    with caplog.at_level(logging.WARNING):
        assert len(_frames(write_pictures(tmp_path, pictures))) == 5
    (record,) = caplog.records
    assert "a.bmp, a.png" in record.getMessage()
    assert "2 names" in record.getMessage()


def _error(folder: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        PictureFolder(folder, FrameRange())
    return caught.value


def test_a_folder_without_pictures_says_what_it_holds_and_what_to_type(tmp_path: Path) -> None:
    assert _error(tmp_path).what == "there is no picture in it"
    (tmp_path / "inner").mkdir()
    assert f"--image_dir {tmp_path / 'inner'}" in _error(tmp_path).hint
    write_pictures(tmp_path, {"a.txt": b"", "b.txt": b"", "c.mp4": b""})
    problem = _error(tmp_path)
    assert "2 x .txt, 1 x .mp4" in problem.what
    assert problem.hint == f"for a video: --video {tmp_path / 'c.mp4'}"


def test_a_missing_folder_and_a_file_are_input_errors(tmp_path: Path) -> None:
    write_pictures(tmp_path, {"a.png": PICTURE})
    assert "cannot be listed" in _error(tmp_path / "no").what
    assert "cannot be listed" in _error(tmp_path / "a.png").what


def test_closing_ends_the_frames(tmp_path: Path) -> None:
    source = PictureFolder(_ten(tmp_path), FrameRange())
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
