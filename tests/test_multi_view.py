"""Several views of one scene: from files to time steps, from their people to points in space."""

import dataclasses
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.cameras import camera_folder, projections
from drawn.copying_network import BLOCK, coded_picture
from drawn.media import number_in, numbered_picture, write_video

from openpose_py.errors import InputError, OutputError, UsageError
from openpose_py.estimator import Estimator
from openpose_py.multi_view import (
    SideBySide,
    cameras_of_views,
    inputs_named,
    open_views,
    projections_of,
    undistorted,
    view_count,
)
from openpose_py.records import Frame, People, Result
from openpose_py.stages.frames.source import FrameRange, Source
from openpose_py.stages.people.views import ViewJoiner


def folder_of(folder: Path, numbers: range, broken: tuple[int, ...] = ()) -> str:
    """Pictures f0.png, f1.png, ...; each shows its number."""
    folder.mkdir()
    for place, number in enumerate(numbers):
        path = folder / f"f{place}.png"
        cv2.imwrite(str(path), numbered_picture(number))
        if place in broken:
            path.write_bytes(b"no picture")
    return str(folder)


def video_of(path: Path, numbers: range, fps: float = 10, columns: int = 1) -> str:
    """A frame a number; with several columns, each shows ten times its column more."""
    frames = [
        np.hstack([numbered_picture(number + 10 * column) for column in range(columns)])
        for number in numbers
    ]
    return str(write_video(path, frames, fps))


def opened(views: int = -1, wanted: FrameRange | None = None, **inputs: str) -> Source:
    given = {"image_dir": "", "video": ""} | inputs
    return open_views(**given, views=views, wanted=wanted or FrameRange())


def seen(source: Source) -> list[tuple[str, int, int]]:
    """name, view and the number shown, of every frame."""
    return [(frame.name, frame.view, number_in(frame.pixels)) for frame in source.frames()]


def test_consecutive_pictures_are_a_time_step_with_the_name_of_the_first(tmp_path):
    source = opened(2, image_dir=folder_of(tmp_path / "f", range(4)))
    assert source.count == 4
    assert seen(source) == [("f0", 0, 0), ("f0", 1, 1), ("f2", 0, 2), ("f2", 1, 3)]


def test_first_last_and_step_count_time_steps(tmp_path):
    folder = folder_of(tmp_path / "f", range(12))
    source = opened(2, FrameRange(1, 4, 2), image_dir=folder)
    assert source.count == 4
    assert [number for _, _, number in seen(source)] == [2, 3, 6, 7]
    with pytest.raises(UsageError, match="is 6, but there are 6 time steps of 2 pictures"):
        opened(2, FrameRange(0, 6), image_dir=folder)


def test_a_broken_picture_takes_its_time_step_with_it_and_no_other(tmp_path):
    source = opened(2, image_dir=folder_of(tmp_path / "f", range(7), broken=(2,)))
    assert [(view, number) for _, view, number in seen(source)] == [(0, 0), (1, 1), (0, 4), (1, 5)]
    assert source.unreadable == [
        "f2.png: cannot be decoded",
        "2 time steps were left out: not all 2 pictures are there",
    ]


def test_no_whole_time_step_is_an_error(tmp_path):
    folder = folder_of(tmp_path / "f", range(3))
    with pytest.raises(InputError, match="no time step with all its 4 pictures"):
        seen(opened(4, image_dir=folder))
    with pytest.raises(InputError, match="from --frame_first 5 on"):
        seen(opened(2, FrameRange(5, 9), image_dir=folder))


def test_repeated_pictures_stay_in_step(tmp_path):
    source = opened(2, FrameRange(repeat=True), image_dir=folder_of(tmp_path / "f", range(2)))
    frames = source.frames()
    got = [next(frames) for _ in range(5)]
    assert [(frame.view, number_in(frame.pixels)) for frame in got] == [
        (0, 0), (1, 1), (0, 0), (1, 1), (0, 0)
    ]  # fmt: skip
    source.close()


def test_a_video_is_cut_into_columns(tmp_path):
    video = video_of(tmp_path / "v.mp4", range(3), columns=3)
    source = opened(3, FrameRange(1), video=video)
    assert (source.count, source.fps) == (6, 10)
    name = "v_{:012d}".format
    assert seen(source) == [
        (name(1), 0, 1), (name(1), 1, 11), (name(1), 2, 21),
        (name(2), 0, 2), (name(2), 1, 12), (name(2), 2, 22),
    ]  # fmt: skip
    with pytest.raises(InputError, match="480 pixels wide"):
        seen(opened(481, video=video))


def test_several_folders_are_views_paired_by_place_in_their_lists(tmp_path):
    left = folder_of(tmp_path / "left", range(4), broken=(1,))
    right = folder_of(tmp_path / "right", range(100, 103))
    source = opened(image_dir=f"{left},{right}")
    assert source.count == 6
    assert seen(source) == [("f0", 0, 0), ("f0", 1, 100), ("f2", 0, 2), ("f2", 1, 102)]
    assert source.unreadable == [
        "1 time step was left out: a view lacks them",
        "f1.png: cannot be decoded",
    ]


def test_several_videos_end_with_the_shortest(tmp_path, caplog):
    left = video_of(tmp_path / "left.mp4", range(4))
    right = video_of(tmp_path / "right.mp4", range(50, 53), fps=20)
    with caplog.at_level(logging.WARNING):
        source = opened(2, video=f"{left},{right}")
        assert [number for _, _, number in seen(source)] == [0, 50, 1, 51, 2, 52]
    assert (source.count, source.fps) == (6, 10)
    assert "different frame rates" in caplog.text
    assert "right.mp4: ended before the other views" in caplog.text


def test_several_inputs_that_repeat_stay_in_step(tmp_path):
    left = folder_of(tmp_path / "left", range(2))
    right = folder_of(tmp_path / "right", range(100, 103))
    source = opened(wanted=FrameRange(repeat=True), image_dir=f"{left},{right}")
    frames = source.frames()
    assert [number_in(next(frames).pixels) for _ in range(8)] == [0, 100, 1, 101] * 2
    source.close()


def test_inputs_without_a_common_frame_are_an_error(tmp_path):
    left = folder_of(tmp_path / "left", range(2), broken=(0,))
    right = folder_of(tmp_path / "right", range(2), broken=(1,))
    with pytest.raises(InputError, match="no frame number is in all of"):
        seen(opened(image_dir=f"{left},{right}"))


def test_the_number_of_views_must_be_that_of_the_inputs(tmp_path):
    folder = folder_of(tmp_path / "f", range(2))
    with pytest.raises(UsageError, match="--3d_views: is 3, but --image_dir names 2"):
        opened(3, image_dir=f"{folder},{folder}")
    assert view_count(image_dir=f"{folder},{folder}", video="", views=-1) == 2
    assert view_count(image_dir=folder, video="", views=3) == 3
    assert view_count(image_dir=folder, video="", views=-1) == 1


def test_one_view_is_the_plain_source(tmp_path):
    folder = folder_of(tmp_path / "f", range(2))
    assert seen(opened(image_dir=folder)) == [("f0", 0, 0), ("f1", 0, 1)]


def test_an_existing_path_with_a_comma_is_one_input(tmp_path):
    folder = folder_of(tmp_path / "left, right", range(1))
    assert inputs_named(folder) == [folder]
    assert inputs_named("left, right") == ["left", "right"]


class Kept:
    """A writer that keeps what it gets."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def write(self, result: Result) -> None:
        self.results.append(result)

    def close(self) -> None:
        pass


def with_picture(view: int, height: int = 4) -> Result:
    pixels = np.full((height, 6, 3), view, np.uint8)
    return Result(Frame(pixels, 0, "f0", 0.0, "drawn", view), People.nobody(25))


def test_pictures_of_a_time_step_stand_side_by_side():
    kept = Kept()
    writer = SideBySide(kept, 2)
    for view in (0, 1, 0, 1):
        writer.write(with_picture(view))
    assert len(kept.results) == 2
    assert kept.results[0].picture.shape == (4, 12, 3)
    assert kept.results[0].picture[0, :, 0].tolist() == [0] * 6 + [1] * 6


def test_pictures_of_different_heights_cannot_stand_side_by_side():
    writer = SideBySide(Kept(), 2)
    writer.write(with_picture(0))
    with pytest.raises(OutputError, match="different heights"):
        writer.write(with_picture(1, height=5))


def test_camera_files_give_the_projections_in_natural_order(tmp_path):
    found = cameras_of_views(camera_folder(tmp_path / "c", 12), 12)
    np.testing.assert_allclose(projections_of(found), projections(12), atol=1e-9)


def test_each_view_is_undistorted_by_its_own_camera(tmp_path):
    views = cameras_of_views(camera_folder(tmp_path / "c", 2, bent=1), 2)
    pixels = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    frames = [Frame(pixels, 0, "f0", 0.0, "drawn", view) for view in (0, 1)]
    straight, bent = undistorted(frames, views)
    np.testing.assert_array_equal(straight.pixels, pixels)
    assert (bent.pixels != pixels).any() and bent.view == 1


def test_as_many_camera_files_as_views(tmp_path):
    folder = camera_folder(tmp_path / "c", 3)
    with pytest.raises(UsageError, match="has 3 camera files, but there are 2 views"):
        cameras_of_views(folder, 2)


FOCAL, BASELINE, SHIFT = 400.0, 0.6, 6  # pixels; metres between two cameras; blocks of 8 pixels


def person_at(block: int) -> np.ndarray:
    """A picture in which the hand-made network finds one person, so many blocks from the left."""
    from drawn.copied_people import stamp_of

    stamp = stamp_of("BODY_25", "body_25").codes
    rows, columns = stamp.shape
    codes = np.zeros((rows + 4, 2 * columns + 2 * SHIFT), np.uint8)
    codes[2 : 2 + rows, block : block + columns] = stamp
    return coded_picture(codes)


def test_a_person_that_the_network_finds_in_three_views_has_the_depth_of_the_shift(models):
    """Three cameras in a row look the same way: depth = focal length * baseline / shift."""
    height = person_at(0).shape[0]
    estimator = Estimator(model_folder=f"{models}/", net_resolution=f"-1x{height}")
    step = []
    for view in range(3):
        result = estimator(person_at(2 + SHIFT * (2 - view)))
        frame = dataclasses.replace(result.frame, view=view)
        step.append(dataclasses.replace(result, frame=frame))
    row = np.zeros((3, 3, 4))
    row[:] = FOCAL * np.eye(3, 4)
    row[:, 2, 2] = 1
    row[:, 0, 3] = -FOCAL * BASELINE * np.arange(3)
    (person,) = ViewJoiner(row).join(step)[0].pose_3d
    found = person[person[:, 3] == 1]
    assert len(found) >= 5
    np.testing.assert_allclose(found[:, 2], FOCAL * BASELINE / (SHIFT * BLOCK), rtol=0.01)
