import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Frame, People, Result
from openpose_py.stages.writers.alphapose_json import AlphaPoseJson
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden" / "alphapose"
LAYOUTS = json.loads((GOLDEN / "alphapose_postprocess.json").read_text())["write_json"]
PEOPLE = json.loads(LAYOUTS["default"]["alphapose-results.json"])
COCO = read_skeleton("COCO_17")


def golden_people() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[list[float]]]:
    keypoints = np.array([one["keypoints"] for one in PEOPLE], np.float32).reshape(-1, 17, 3)
    scores = np.array([one["score"] for one in PEOPLE], np.float32)
    boxes = np.array([one["box"] for one in PEOPLE], np.float32)
    return keypoints, scores, boxes, [[0.0, 0.0, 0.0]] * 2


@pytest.mark.parametrize("style", LAYOUTS)
def test_files_are_those_of_alphapose_byte_for_byte(tmp_path: Path, style: str) -> None:
    writer = AlphaPoseJson(tmp_path, style, COCO)
    writer.add("empty.jpg", *(array[:0] for array in golden_people()[:3]))
    writer.add("a.b.jpg", *golden_people())
    writer.close()
    files = {p.relative_to(tmp_path).as_posix(): p for p in tmp_path.rglob("*.json")}
    assert files.keys() == LAYOUTS[style].keys()
    for name, path in files.items():
        assert path.read_text() == LAYOUTS[style][name]


def result(name: str, origin: str, keypoints: np.ndarray, index: int = 0) -> Result:
    frame = Frame(np.zeros((9, 9, 3), np.uint8), index, name, 0.0, origin)
    return Result(frame, People(keypoints, np.ones(len(keypoints), np.float32)))


def numbered(parts: int) -> np.ndarray:
    """One person: the part's number in x, twice it in y, a score of 0.5."""
    rows = [(n, 2 * n, 0.5) for n in range(parts)]
    return np.array([rows], np.float32)


@pytest.mark.parametrize("name", ["HALPE_26", "HALPE_136", "WHOLEBODY_133", "BODY_25", "COCO_17"])
def test_the_neck_is_the_models_own_or_between_the_shoulders(tmp_path: Path, name: str) -> None:
    skeleton = read_skeleton(name)
    writer = AlphaPoseJson(tmp_path, "open", skeleton)
    writer.write(result("a", "folder/a.png", numbered(len(skeleton.parts))))
    writer.close()
    (person,) = json.loads((tmp_path / "sep-json" / "a.json").read_text())["people"]
    points = np.array(person["pose_keypoints_2d"]).reshape(18, 3)
    number = {part: n for n, part in enumerate(skeleton.parts)}
    middle = (number["LShoulder"] + number["RShoulder"]) / 2
    for (x, y, score), part in zip(points, read_skeleton("COCO").parts, strict=True):
        assert x == number.get(part, middle) and y == 2 * x and score == 0.5


def test_pictures_are_named_as_they_are_and_frames_by_number(tmp_path: Path) -> None:
    writer = AlphaPoseJson(tmp_path, "default", COCO)
    writer.write(result("a.b", "in/a.b.png", numbered(17)))
    writer.write(result("walk_000000000003", "walk.mp4", numbered(17), index=3))
    writer.close()
    first, second = json.loads((tmp_path / "alphapose-results.json").read_text())
    assert [first["image_id"], second["image_id"]] == ["a.b.png", "3.jpg"]
    assert first["box"] == [0, 0, 16, 32] and first["idx"] == [0.0]


def test_image_ids_are_numbers_when_asked(tmp_path: Path) -> None:
    writer = AlphaPoseJson(tmp_path, "default", COCO, numbered=True)
    writer.write(result("COCO_val2014_000000000192", "COCO_val2014_000000000192.jpg", numbered(17)))
    with pytest.raises(OutputError, match="cat"):
        writer.write(result("cat", "cat.jpg", numbered(17)))
    writer.close()
    (person,) = json.loads((tmp_path / "alphapose-results.json").read_text())
    assert person["image_id"] == 192


@pytest.mark.parametrize(("style", "text"), [("default", "[]"), ("cmu", "{}")])
def test_a_run_without_people_writes_a_valid_file(tmp_path: Path, style: str, text: str) -> None:
    AlphaPoseJson(tmp_path, style, COCO).close()
    assert (tmp_path / "alphapose-results.json").read_text() == text


def test_a_run_that_is_given_up_leaves_no_file(tmp_path: Path) -> None:
    writer = AlphaPoseJson(tmp_path, "default", COCO)
    writer.write(result("a", "a.png", numbered(17)))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_hand_has_no_body_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Nose"):
        AlphaPoseJson(tmp_path, "cmu", read_skeleton("HAND_21"))
    with pytest.raises(UsageError) as caught:
        AlphaPoseJson(tmp_path, "opn", COCO)
    assert "open" in caught.value.hint
