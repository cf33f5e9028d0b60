import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import OutputError
from openpose_py.records import Peaks, People, Result
from openpose_py.stages.writers.json_people import JsonFields, JsonPeople, people_json

MakeResult = Callable[..., Result]

FILES = Path(__file__).parents[2] / "golden" / "files"
CASES = sorted(path.name.removesuffix("_input.npz") for path in FILES.glob("json/*_input.npz"))
CASES.remove("human_readable")  # OpenPose's other layout, which no flag asks for
PIXELS = np.zeros((4, 4, 3), np.uint8)


def golden_fields(case: str) -> JsonFields:
    with np.load(FILES / "json" / f"{case}_input.npz") as stored:
        arrays = {
            name + dimensions: stored[f"{name}_keypoints{dimensions}"]
            for name in ("pose", "face", "hand_left", "hand_right")
            for dimensions in ("", "_3d")
            if f"{name}_keypoints{dimensions}" in stored
        }
        candidates = None
        if "candidates" in stored:
            starts = np.concatenate([[0], np.cumsum(stored["candidates_count"])])
            candidates = Peaks(stored["candidates"], starts)
        return JsonFields(**arrays, person_ids=stored["person_ids"], candidates=candidates)


@pytest.mark.parametrize("case", CASES)
def test_every_byte_is_openposes(case: str) -> None:
    wanted = (FILES / "json" / f"{case}_keypoints.json").read_bytes()
    assert people_json(golden_fields(case)) == wanted


def test_all_golden_numbers_are_written_alike() -> None:
    values = np.load(FILES / "number_format_values.npy")
    wanted = (FILES / "number_format_text.txt").read_text().split()
    text = people_json(JsonFields(pose=values[None, :, None])).decode()
    written = text.split('"pose_keypoints_2d":[')[1].split("]")[0].split(",")
    assert len(wanted) == 5575
    assert written == wanted


def test_people_without_a_face_get_empty_brackets() -> None:
    people = json.loads(people_json(JsonFields(pose=np.ones((1, 2, 3)), face=np.ones((3, 2, 3)))))
    people = people["people"]
    assert [len(person["pose_keypoints_2d"]) for person in people] == [6, 0, 0]
    assert [len(person["face_keypoints_2d"]) for person in people] == [6, 6, 6]
    assert [person["person_id"] for person in people] == [[-1]] * 3


def test_150_people_take_under_10_ms() -> None:
    numbers = np.random.default_rng(1).random((150, 25, 3), np.float32) * 1000
    fields = JsonFields(pose=numbers)
    took = []
    for _ in range(7):
        start = time.perf_counter()
        people_json(fields)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.010


def test_a_result_becomes_a_file_of_its_name(tmp_path: Path, make_result: MakeResult) -> None:
    keypoints = np.arange(75, dtype=np.float32).reshape(1, 25, 3)
    people = People(keypoints, np.ones(1, np.float32))
    peaks = Peaks(np.array([[1, 2, 0.5]], np.float32), np.array([0, 0, 1]))
    writer = JsonPeople(tmp_path)
    writer.write(make_result(PIXELS, name="one", people=people))
    writer.write(make_result(PIXELS, name="two", candidates=peaks))
    writer.close()
    assert sorted(os.listdir(tmp_path)) == ["one_keypoints.json", "two_keypoints.json"]
    one = json.loads((tmp_path / "one_keypoints.json").read_bytes())
    assert one["people"][0]["pose_keypoints_2d"] == list(range(75))
    assert "part_candidates" not in one
    two = (tmp_path / "two_keypoints.json").read_bytes()
    assert two == b'{"version":1.3,"people":[],"part_candidates":[{"0":[],"1":[1,2,0.5]}]}'


def test_a_full_disk_is_one_error_and_leaves_whole_files(
    tiny_disk: Path, make_result: MakeResult
) -> None:
    people = People(np.full((90, 25, 3), 123.4567, np.float32), np.ones(90, np.float32))
    writer = JsonPeople(tiny_disk)
    with pytest.raises(OutputError, match="No space left"):
        for index in range(20):
            writer.write(make_result(PIXELS, index, people=people))
    names = os.listdir(tiny_disk)
    assert names
    assert all(name.endswith("_keypoints.json") for name in names)
    assert all(len(json.loads((tiny_disk / name).read_bytes())["people"]) == 90 for name in names)


def test_faces_hands_ids_and_3d_points_of_a_result_are_written(
    tmp_path: Path, make_result: MakeResult
) -> None:
    def numbered(start: int, parts: int, values: int = 3) -> np.ndarray:
        count = parts * values
        return np.arange(start, start + count, dtype=np.float32).reshape(1, parts, values)

    result = make_result(
        PIXELS,
        name="all",
        people=People(numbered(0, 25), np.ones(1, np.float32)),
        faces=numbered(100, 70),
        hands=np.stack([numbered(400, 21), numbered(500, 21)]),
        person_ids=np.array([7]),
        pose_3d=numbered(600, 25, 4),
        face_3d=numbered(800, 70, 4),
        hands_3d=np.stack([numbered(1100, 21, 4), numbered(1200, 21, 4)]),
    )
    JsonPeople(tmp_path).write(result)
    (person,) = json.loads((tmp_path / "all_keypoints.json").read_bytes())["people"]
    assert {key: (values[0], len(values)) for key, values in person.items()} == {
        "person_id": (7, 1),
        "pose_keypoints_2d": (0, 75),
        "face_keypoints_2d": (100, 210),
        "hand_left_keypoints_2d": (400, 63),
        "hand_right_keypoints_2d": (500, 63),
        "pose_keypoints_3d": (600, 100),
        "face_keypoints_3d": (800, 280),
        "hand_left_keypoints_3d": (1100, 84),
        "hand_right_keypoints_3d": (1200, 84),
    }
