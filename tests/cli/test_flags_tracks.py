"""Effects of the flags for ids and steadier people over time, through the real command."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.command import Ran, openpose_py
from drawn.copied_people import picture_of


@pytest.fixture(scope="module")
def walking(tmp_path_factory) -> Path:
    """A folder with ten pictures of two people who move; in 4 and 5 nobody is to be seen."""
    folder = tmp_path_factory.mktemp("walking")
    people = picture_of("BODY_25", "body_25", 2)
    for number in range(10):
        picture = np.roll(people, 8 * (number // 2), axis=1)
        if number in (4, 5):
            picture = np.zeros_like(picture)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


@pytest.fixture(scope="module")
def run(models, walking, tmp_path_factory):
    def run_(*words: object) -> tuple[Ran, Path]:
        out = tmp_path_factory.mktemp("out")
        given = ("--image_dir", walking, "--model_folder", models, "--net_resolution", "-1x128")
        return openpose_py(*given, "--write_json", out, "--quiet", *words), out

    return run_


@pytest.fixture(scope="module")
def plain(run) -> Path:
    done, out = run()
    assert done.code == 0, done.err
    return out


@pytest.fixture(scope="module")
def steady(run) -> Path:
    done, out = run("--smooth", "file")
    assert done.code == 0, done.err
    return out


def people(out: Path, name: object) -> list[dict]:
    return json.loads((out / f"{name}_keypoints.json").read_text())["people"]


@pytest.mark.effect("track")
def test_people_keep_their_ids_and_nothing_else_changes(run, plain):
    done, out = run("--track")
    assert done.code == 0, done.err
    ids = [[one["person_id"][0] for one in people(out, number)] for number in range(10)]
    assert ids[0] == [0, 1] and ids[4] == []
    assert all(sorted(found) == [0, 1] for n, found in enumerate(ids) if n not in (4, 5))
    for path in plain.iterdir():
        text = (out / path.name).read_text()
        for number in (0, 1):
            text = text.replace(f'"person_id":[{number}]', '"person_id":[-1]')
        assert text == path.read_text()
    refused, _ = run("--track", "--identification")
    assert refused.code == 2 and refused.said("--track and --identification")


@pytest.mark.effect("smooth")
def test_people_are_steadied_with_raw_values_and_marks_beside(run, plain, steady):
    done, live = run("--smooth", "live")
    assert done.code == 0, done.err
    for out in (live, steady):
        for number in range(10):
            raw = {tuple(one["pose_keypoints_2d"]) for one in people(plain, number)}
            for one in people(out, number):
                filled = one["pose_filled"]
                assert len(filled) == 25 and set(filled) <= {0, 1}
                if not all(filled):
                    assert tuple(one["pose_keypoints_2d_raw"]) in raw
        # in the gap everybody is there, all of it put in
        assert [one["person_id"] for one in people(out, 4)] == [[0], [1]]
        assert all(sum(one["pose_filled"]) > 0 for one in people(out, 4))
        assert not any(any(one["pose_keypoints_2d_raw"]) for one in people(out, 4))
    assert run("--smooth", "fil")[0].said("did you mean file?")


@pytest.mark.effect("max_gap")
@pytest.mark.slow
def test_gaps_longer_than_max_gap_stay(run):
    done, out = run("--smooth", "file", "--max_gap", 1)
    assert done.code == 0, done.err
    assert people(out, 4) == people(out, 5) == []


@pytest.mark.slow
def test_raw_values_have_the_coordinates_that_are_saved(run, walking, steady):
    done, unit = run("--smooth", "file", "--keypoint_scale", 3)
    assert done.code == 0, done.err
    size = np.array(cv2.imread(str(walking / "2.png")).shape[1::-1])
    for one, other in zip(people(unit, 2), people(steady, 2), strict=True):
        values = [
            np.reshape(given["pose_keypoints_2d_raw"], (-1, 3))[:, :2] for given in (one, other)
        ]
        np.testing.assert_allclose(values[0] * (size - 1), values[1], atol=0.01)


def test_without_the_flags_no_key_is_added(plain):
    (first, *_) = people(plain, 0)
    assert list(first)[-1] == "hand_right_keypoints_3d" and first["person_id"] == [-1]
