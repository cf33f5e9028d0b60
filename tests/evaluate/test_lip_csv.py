"""PCKh on Look Into Person: files of labels and of detections, and GCCPM's own figures."""

import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.cli.evaluate import evaluate
from openpose_py.errors import InputError
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import judge
from openpose_py.evaluate.lip_csv import read_lip_detections, write_lip_detections
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[1] / "golden" / "zoo"
WANTED = json.loads((GOLDEN / "training_targets.json").read_text())["pckh"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "lip_val_set.csv", tmp_path / "detections.csv"
    for path, key in zip(paths, ("gt_csv", "pred_csv"), strict=True):
        path.write_text("\n".join(WANTED[key]) + "\n")
    return paths


def test_the_figures_are_those_of_gccpm_s_script(files: tuple[Path, Path]) -> None:
    truth = read_ground_truth(files[0])
    (result,) = judge(truth, read_lip_detections(files[1], truth)).pcks["lip16"]
    points, (upper, average) = WANTED["row"][:16], WANTED["row"][16:]
    np.testing.assert_allclose(100 * result.shares, points)
    assert 100 * result.columns["U.Body"] == pytest.approx(upper)
    assert 100 * result.total == pytest.approx(average)
    printed = WANTED["printed"].splitlines()[1].rstrip("\\ ").split("&")[1:]
    figures = [*result.columns.values(), result.total]
    assert [f"{100 * figure:.2f}" for figure in figures] == [text.strip() for text in printed]


def test_the_command_prints_them_and_writes_detections_again(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again.csv"
    assert evaluate(str(files[0]), [str(files[1])], results_out=str(again), as_json=True) == 0
    (row,) = json.loads(capsys.readouterr().out)["candidates"]
    assert 100 * row["pck"][0]["total"] == pytest.approx(WANTED["row"][-1])
    truth = read_ground_truth(files[0])
    first, second = (read_lip_detections(path, truth).pictures for path in (files[1], again))
    assert first.keys() == second.keys()
    for key, people in first.items():
        np.testing.assert_array_equal(second[key].keypoints, people.keypoints)


def test_points_that_were_not_found_are_nan(files: tuple[Path, Path], tmp_path: Path) -> None:
    truth = read_ground_truth(files[0])
    found = read_lip_detections(files[1], truth)
    people = found.of(truth.pictures[0].id)
    people.keypoints[0, 3] = 0
    write_lip_detections(tmp_path / "out.csv", truth, found)
    assert (tmp_path / "out.csv").read_text().splitlines()[0].split(",")[7:9] == ["nan", "nan"]


def test_the_skeleton_of_gccpm_has_all_points() -> None:
    parts = read_skeleton("LIP_16").parts
    assert len(parts) == 16 and {"MidHip", "Thorax", "UpperNeck", "HeadTop"} < set(parts)


def test_other_files_are_no_csv_of_lip(files: tuple[Path, Path], tmp_path: Path) -> None:
    truth = read_ground_truth(files[0])
    with pytest.raises(InputError, match="49 cells, wanted 33"):
        read_lip_detections(files[0], truth)
    (tmp_path / "x.csv").write_text(WANTED["pred_csv"][0].replace("0.jpg", "other.jpg"))
    with pytest.raises(InputError, match=r"other.jpg is not in the ground truth"):
        read_lip_detections(tmp_path / "x.csv", truth)
    with pytest.raises(InputError, match="cannot be read"):
        read_ground_truth(tmp_path / "none.csv")
