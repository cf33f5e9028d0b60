"""Angles of drawn bodies, whose joints are known."""

import csv

import numpy as np
import pytest
from drawn.side_view import STANDING, body

from openpose_py.stages.writers.json_people import JsonFields, people_json
from openpose_py.tables.angles import ANGLES, angles_of
from openpose_py.tables.convert import Wish, convert
from openpose_py.zoo.skeletons import read_skeleton

WALKING = {"RKnee": 60, "LKnee": 5, "RHip": 30, "LHip": -15, "RElbow": 80, "LElbow": 10,
           "RShoulder": -25, "LShoulder": 40, "Trunk": 12}  # fmt: skip


@pytest.mark.parametrize("facing", [1, -1])
@pytest.mark.parametrize("wished", [{}, WALKING, {"Trunk": -20}, {"RShoulder": 170, "LHip": 120}])
@pytest.mark.parametrize("model", ["BODY_25", "COCO", "MPI"])
def test_angles_are_those_that_were_drawn(wished, facing, model):
    if model == "MPI" and (wished != WALKING or facing < 0):
        pytest.skip("MPI has no nose: it knows no forwards")
    degrees, confidence = angles_of(body(wished, facing, model), read_skeleton(model))
    found = dict(zip(ANGLES, degrees[0], strict=True))
    for name, wanted in {**STANDING, **wished}.items():
        wanted = abs(wanted) if model == "MPI" else wanted
        assert found[name] == pytest.approx(wanted, abs=0.01), name
    assert (confidence >= 0.5).all()


def test_from_the_front_hips_and_shoulders_are_positive():
    points = body({"RShoulder": 90, "LShoulder": -90, "Trunk": 10}, 1)
    parts = read_skeleton("BODY_25").parts
    for name in ("Nose", "RBigToe", "LBigToe"):
        points[0, parts.index(name), 2] = 0
    degrees, _ = angles_of(points, read_skeleton("BODY_25"))
    found = dict(zip(ANGLES, degrees[0], strict=True))
    assert found["RShoulder"] == pytest.approx(90, abs=0.01)
    assert found["LShoulder"] == pytest.approx(90, abs=0.01)
    assert found["Trunk"] == pytest.approx(10, abs=0.01)


def test_an_angle_is_unknown_as_soon_as_one_of_its_points_is():
    points = body(WALKING, 1)
    points[0, read_skeleton("BODY_25").parts.index("RAnkle")] = 0
    degrees, confidence = angles_of(points, read_skeleton("BODY_25"))
    unknown = [name for name, value in zip(ANGLES, degrees[0], strict=True) if np.isnan(value)]
    assert unknown == ["RKnee"]
    assert confidence[0, ANGLES.index("RKnee")] == 0


def test_the_table_of_angles_has_a_row_a_person_and_angle(tmp_path):
    source = tmp_path / "out"
    source.mkdir()
    two = np.concatenate([body(WALKING, 1), body({}, -1)])
    for number, fields in enumerate([JsonFields(two), JsonFields(), JsonFields(two[:1])]):
        (source / f"v_{number:012d}_keypoints.json").write_bytes(people_json(fields))
    assert convert(source, Wish("csv", angles=True, frames_a_second=10)) == 0
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len(ANGLES)
    knees = [(row["frame"], row["time"], row["person"], float(row["degrees"]))
             for row in rows if row["angle"] == "RKnee"]  # fmt: skip
    assert [row[:3] for row in knees] == [("0", "0.0", "0"), ("0", "0.0", "1"), ("2", "0.2", "0")]
    assert [row[3] for row in knees] == pytest.approx([60, 0, 60], abs=0.05)


def test_a_folder_without_bodies_is_a_table_without_rows(tmp_path):
    source = tmp_path / "out"
    source.mkdir()
    (source / "v_000000000000_keypoints.json").write_bytes(people_json(JsonFields()))
    for to in ("csv", "parquet"):
        assert convert(source, Wish(to, angles=True)) == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1
