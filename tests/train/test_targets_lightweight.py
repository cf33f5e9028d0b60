"""The targets of Lightweight OpenPose and GCCPM against their own code's answers."""

import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.train.adapters.points import COCO
from openpose_py.train.main_people import main_people
from openpose_py.train.parts import inside_picture, onto_parts, sources_of
from openpose_py.train.pictures import Picture, PictureFile
from openpose_py.train.recipe import DataRow
from openpose_py.train.targets import Drawing
from openpose_py.train.targets_lightweight import (
    draw_limb,
    lightweight_targets,
    rounded_gaussians,
)
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[1] / "golden"
WANTED = json.loads((GOLDEN / "zoo/training_targets.json").read_text())
MAPS = np.load(GOLDEN / "zoo/training_targets.npz")
ROUNDED = json.loads((GOLDEN / "zoo/gccpm_coco_target.json").read_text())
SAMPLES = DataRow("coco", least_points=5, least_area=32 * 32, apart=0.3)
ABSENT = 2  # upstream's flag of a point that is not there


def test_gaussians_are_added_up_to_one():
    points = np.array([[[*place, 1]] for place in WANTED["gaussian_points"]], np.float32)
    one_part = Drawing(np.array([7.0]), np.ones(1), np.zeros((0, 2)), np.zeros(0), 1.0, False)
    weights = np.full((1, 46, 46), 0.5, np.float32)
    drawn = lightweight_targets(points, one_part, weights, np.zeros((0, 46, 46), np.float32))
    np.testing.assert_allclose(drawn.heat[0], MAPS["heat"], atol=1e-6)
    assert (drawn.heat_weights == 0.5).all()


def test_the_later_of_two_crossing_limbs_stands():
    paf = np.zeros((2, 46, 46), np.float32)
    for ends in WANTED["paf_segments"]:
        draw_limb(paf, np.array(ends).reshape(2, 2), 1.0)
    np.testing.assert_allclose(paf, MAPS["paf"], atol=1e-6)


def test_the_neck_lies_between_two_shoulders_within_the_picture():
    given = np.array(WANTED["convert_in"], np.float32)
    present = (given[:, 2] < ABSENT) & (given[:, :2] != 0).any(axis=1)
    points = np.column_stack([given[:, :2], present])[None].astype(np.float32)
    skeleton = read_skeleton("COCO")
    points = inside_picture(points, tuple(WANTED["convert_size_wh"]))
    (found,) = onto_parts(points, sources_of(skeleton, COCO))
    wanted = np.array(WANTED["convert_out"])
    present = wanted[:, 2] < ABSENT
    np.testing.assert_array_equal(found[:, 2] > 0, present)
    np.testing.assert_array_equal(found[present, :2], wanted[present, :2])


def test_samples_are_made_of_the_large_people_who_stand_apart():
    rows = WANTED["prepare_in"]
    picture = Picture(
        name="a.jpg", file=PictureFile("a.jpg"),
        points=np.array([row["keypoints"] for row in rows], np.float32).reshape(-1, 17, 3),
        unknown=np.zeros((len(rows), 17), bool),
        boxes=np.array([row["bbox"] for row in rows], np.float32),
        unlabelled=(), labelled=(), silent=np.zeros(17, bool),
        areas=np.array([row["area"] for row in rows]),
        labelled_points=np.array([row["num_keypoints"] for row in rows]),
    )  # fmt: skip
    chosen = picture.boxes[list(main_people(picture, SAMPLES))]
    centres = [row["objpos"] for row in WANTED["prepare_out"]]
    np.testing.assert_array_equal(chosen[:, :2] + chosen[:, 2:] / 2, centres)
    scales = [row["scale_provided"] for row in WANTED["prepare_out"]]
    np.testing.assert_allclose(chosen[:, 3] / 368, scales)


def test_gaussians_of_one_person_lie_on_the_nearest_cell():
    points = np.array(ROUNDED["keypoints"], np.float32).reshape(17, 3)
    heat, weights = rounded_gaussians(points, (48, 36))
    # upstream draws wherever y is more than half a pixel, and leaves the weight to the loss
    labelled = weights > 0
    np.testing.assert_allclose(heat.sum(axis=(1, 2))[labelled],
                               np.array(ROUNDED["sum"])[labelled], rtol=1e-5)  # fmt: skip
    found = heat.reshape(17, -1).argmax(axis=1)[labelled]
    np.testing.assert_array_equal(found, np.array(ROUNDED["argmax"])[labelled])
    assert labelled.sum() == np.sum(ROUNDED["visible_after"])


def test_a_joint_far_outside_weighs_nothing_and_one_at_the_rim_is_cut():
    points = np.array([[-100, 50, 1], [-20, 50, 1], [100, 0, 1]], np.float32)
    heat, weights = rounded_gaussians(points, (48, 36))
    assert weights.tolist() == [0, 1, 1]
    assert heat[0].max() == 0 and 0 < heat[1].max() < 1
    assert heat[2].argmax() == pytest.approx(13)
