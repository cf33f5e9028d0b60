import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import People, Result
from openpose_py.stages.writers.coco_json import CocoJson

MakeResult = Callable[..., Result]

FILES = Path(__file__).parents[2] / "golden" / "files" / "coco"
CASES = sorted(path.name.removesuffix("_input.npz") for path in FILES.glob("*_input.npz"))
LAST_NUMBERS = json.loads((FILES / "last_number.json").read_text())
SUFFIXES = ("", "_foot", "_face", "_hand21", "_hand42")
REFUSED = -999
PIXELS = np.zeros((4, 4, 3), np.uint8)
NOBODY = b"[\n\t\n]\n"


def someone(parts: int = 25, count: int = 1) -> People:
    return People(np.ones((count, parts, 3), np.float32), np.ones(count, np.float32))


def golden_results(case: str, make_result: MakeResult) -> list[Result]:
    with np.load(FILES / f"{case}_input.npz") as stored:
        ends = np.cumsum([0, *stored["people_per_frame"]])
        return [
            make_result(
                PIXELS, index, str(name),
                people=People(stored["keypoints"][begin:end], stored["scores"][begin:end]),
            )
            for index, (name, begin, end) in enumerate(
                zip(stored["image_names"], ends, ends[1:], strict=False)
            )
        ]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_byte_is_openposes(case: str, tmp_path: Path, make_result: MakeResult) -> None:
    with np.load(FILES / f"{case}_input.npz") as stored:
        model, variants = str(stored["model"]), int(stored["variants"])
    writer = CocoJson(tmp_path / f"{case}.json", variants, model)
    for result in golden_results(case, make_result):
        writer.write(result)
    writer.close()
    names = [f"{case}{suffix}.json" for suffix in SUFFIXES]
    wanted = {name: (FILES / name).read_bytes() for name in names if (FILES / name).exists()}
    assert wanted
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == wanted


@pytest.mark.parametrize(("name", "number"), LAST_NUMBERS)
def test_the_image_id_is_the_number_at_the_end_of_the_name(
    name: str, number: int, tmp_path: Path, make_result: MakeResult
) -> None:
    writer = CocoJson(tmp_path / "out.json", 1, "BODY_25")
    result = make_result(PIXELS, 7, name, people=someone())
    if number == REFUSED:
        with pytest.raises(OutputError, match="does not end in a number"):
            writer.write(result)
        writer.close()
        assert os.listdir(tmp_path) == []
        return
    writer.write(result)
    writer.close()
    (person,) = json.loads((tmp_path / "out.json").read_text())
    assert person["image_id"] == number


def test_face_and_hand_files_count_frames_and_need_no_number(
    tmp_path: Path, make_result: MakeResult
) -> None:
    writer = CocoJson(tmp_path / "out.json", 4 + 8, "BODY_135")
    writer.write(make_result(PIXELS, 3, "abc", people=someone(135)))
    writer.close()
    assert sorted(os.listdir(tmp_path)) == ["out_face.json", "out_hand21.json"]
    for name in os.listdir(tmp_path):
        (person,) = json.loads((tmp_path / name).read_text())
        assert person["image_id"] == 3


@pytest.mark.parametrize("variants", [0, -1])
@pytest.mark.parametrize(
    ("model", "suffixes"),
    [
        ("COCO", {""}),
        ("BODY_25", {"", "_foot"}),
        ("BODY_25B", {"", "_foot"}),
        ("BODY_135", {"", "_foot", "_face", "_hand21", "_hand42"}),
    ],
)
def test_zero_and_less_write_all_that_the_skeleton_has(
    model: str, suffixes: set[str], variants: int, tmp_path: Path
) -> None:
    CocoJson(tmp_path / "out.json", variants, model).close()
    assert set(os.listdir(tmp_path)) == {f"out{suffix}.json" for suffix in suffixes}
    assert all(path.read_bytes() == NOBODY for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("model", "variants", "message"),
    [
        ("COCO", 2, r"COCO has no foot points \(2\)\n.*it has body \(1\);"),
        ("BODY_25", 5, r"BODY_25 has no face points \(4\)\n.*it has body \(1\), foot \(2\);"),
        ("BODY_25B", 31, "BODY_25B has no face points"),
        ("MPI", 1, "MPI lacks points of COCO"),
        ("MPI", 0, "MPI lacks points of COCO"),
        ("BODY_135", 64, "64 is no sum of"),
        ("BODY_25", 32, r"BODY_25 has no wholebody points \(32\)"),
    ],
)
def test_what_the_skeleton_lacks_is_refused_before_anything_is_made(
    model: str, variants: int, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        CocoJson(tmp_path / "folder" / "out.json", variants, model)
    assert os.listdir(tmp_path) == []


def test_people_without_a_point_of_the_variant_are_left_out(
    tmp_path: Path, make_result: MakeResult
) -> None:
    keypoints = np.zeros((2, 25, 3), np.float32)
    keypoints[0, 20] = 5.5, 6, 0.1  # LSmallToe
    keypoints[1, 1] = 7, 8, 0.1  # Neck, which COCO has not
    people = People(keypoints, np.array([0.25, 0.5], np.float32))
    writer = CocoJson(tmp_path / "out.json", 3, "BODY_25")
    writer.write(make_result(PIXELS, 0, "12", people=people))
    writer.close()
    assert (tmp_path / "out.json").read_bytes() == NOBODY
    (person,) = json.loads((tmp_path / "out_foot.json").read_text())
    assert person == {
        "image_id": 12,
        "category_id": 1,
        "keypoints": [-1, -1, 0, 5.5, 6, 1] + [-1, -1, 0] * 4,
        "score": 0.25,
    }


def test_the_name_is_taken_only_when_the_file_is_whole(
    tmp_path: Path, make_result: MakeResult
) -> None:
    path = tmp_path / "out.json"
    path.write_text("older")
    writer = CocoJson(path, 1, "BODY_25")
    writer.write(make_result(PIXELS, 0, "12", people=someone()))
    assert path.read_text() == "older"
    writer.close()
    writer.close()
    assert len(json.loads(path.read_text())) == 1
    assert os.listdir(tmp_path) == ["out.json"]


def test_discarding_keeps_the_older_file(tmp_path: Path, make_result: MakeResult) -> None:
    path = tmp_path / "out.json"
    path.write_text("older")
    writer = CocoJson(path, 3, "BODY_25")
    writer.write(make_result(PIXELS, 0, "12", people=someone()))
    writer.discard()
    writer.close()
    assert os.listdir(tmp_path) == ["out.json"]
    assert path.read_text() == "older"


def test_a_folder_of_that_name_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "out_foot.json").mkdir()
    with pytest.raises(OutputError, match=r"out_foot\.json: cannot be written"):
        CocoJson(tmp_path / "out.json", 3, "BODY_25")
    assert os.listdir(tmp_path) == ["out_foot.json"]


def test_a_full_disk_is_one_error_and_leaves_nothing(
    tiny_disk: Path, make_result: MakeResult
) -> None:
    people = People(np.full((90, 25, 3), 123.4567, np.float32), np.ones(90, np.float32))
    writer = CocoJson(tiny_disk / "out.json", 1, "BODY_25")

    def write_all() -> None:
        for index in range(40):
            writer.write(make_result(PIXELS, index, people=people))
        writer.close()

    with pytest.raises(OutputError, match="No space left"):
        write_all()
    writer.close()
    assert os.listdir(tiny_disk) == []
