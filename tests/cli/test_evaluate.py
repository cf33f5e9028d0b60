"""`openpose-py eval`: a real network against a ground truth, and stored results."""

import dataclasses
import json
import os
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from evaluate.made_people import as_results, random_results, random_truth, write_json

from openpose_py.cli.evaluate import evaluate
from openpose_py.errors import InputError, MissingModel, UsageError
from openpose_py.evaluate.candidates import BEST_OF_ALL, ONE_SCALE, with_preset
from openpose_py.evaluate.options import options
from openpose_py.settings import Settings

SHARED = os.environ.get("OPENPOSE_PY_SHARED")
RUN = {"net_resolution": "-1x128", "quiet": True}


def figures(capsys, *words, **values) -> dict:
    """What --json prints."""
    assert evaluate(*words, as_json=True, quiet=True, **values) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def stored(tmp_path):
    """A random ground truth with two results files and its pictures, all grey."""
    random = np.random.default_rng(11)
    table = random_truth(random, 12)
    (tmp_path / "images").mkdir()
    for image in table["images"]:
        cv2.imwrite(
            str(tmp_path / "images" / image["file_name"]), np.full((480, 640, 3), 90, np.uint8)
        )
    write_json(tmp_path / "truth.json", table)
    write_json(tmp_path / "perfect.json", as_results(table))
    write_json(tmp_path / "poor.json", random_results(random, table))
    return tmp_path


@pytest.fixture(scope="module")
def judged(models, two_people, tmp_path_factory):
    """A ground truth made of what the hand-made network finds in the picture of two people."""
    folder = tmp_path_factory.mktemp("judged")
    images = [{"id": 1, "file_name": "two.png", "width": 128, "height": 128}]
    category = {"id": 1, "name": "person"}
    table = {"images": images, "annotations": [], "categories": [category]}
    empty = write_json(folder / "empty.json", table)
    results = folder / "results.json"
    evaluate(
        str(empty), results_out=str(results), image_dir=str(two_people),
        model_folder=str(models), **RUN,
    )  # fmt: skip
    for number, row in enumerate(json.loads(results.read_text())):
        xy = np.array(row["keypoints"]).reshape(17, 3)
        xy[:, 2] = 2 * (xy[:, 2] > 0)
        person = {"id": number + 1, "image_id": 1, "category_id": 1, "area": 4096.0,
                  "keypoints": xy.ravel().tolist()}  # fmt: skip
        table["annotations"].append(person)
    return write_json(folder / "truth.json", table)


def test_a_model_is_run_and_judged(judged, models, two_people, capsys):
    out = figures(
        capsys, str(judged), image_dir=str(two_people), model_folder=str(models),
        net_resolution="-1x128",
    )  # fmt: skip
    (candidate,) = out["candidates"]
    assert candidate["people"] == 2
    assert candidate["coco"]["coco17"]["ap"] == pytest.approx(1.0)


def test_every_checkpoint_of_a_folder_is_judged_in_natural_order(
    judged, models, two_people, tmp_path, capsys
):
    file = next(models.rglob("*.caffemodel"))
    for number in (10, 9):
        shutil.copy(file, tmp_path / f"pose_{number}.caffemodel")
    out = figures(
        capsys, str(judged), [str(tmp_path)], image_dir=str(two_people), net_resolution="-1x128"
    )
    assert [one["name"] for one in out["candidates"]] == ["pose_9", "pose_10"]
    assert [one["people"] for one in out["candidates"]] == [2, 2]


def test_the_mirrored_picture_is_looked_at_as_well(judged, models, two_people, capsys):
    """The hand-made network copies codes and knows no left and right: mirrored, it finds each
    part where its opposite is, at half the height."""
    out = figures(
        capsys, str(judged), image_dir=str(two_people), model_folder=str(models), flip=True,
        net_resolution="-1x128",
    )  # fmt: skip
    assert out["candidates"][0]["coco"]["coco17"]["ap"] < 1.0


def test_a_candidate_may_be_named_by_its_model(judged, models, two_people, capsys):
    out = figures(
        capsys, str(judged), ["BODY_25"], image_dir=str(two_people), model_folder=str(models),
        model_pose="COCO", net_resolution="-1x128",
    )  # fmt: skip
    assert [(one["name"], one["people"]) for one in out["candidates"]] == [("BODY_25", 2)]


def test_an_unreadable_picture_is_named_and_the_exit_code_says_so(
    judged, models, two_people, tmp_path, capsys
):
    shutil.copy(next(two_people.iterdir()), tmp_path)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    code = evaluate(
        str(judged), image_dir=str(tmp_path), model_folder=str(models), net_resolution="-1x128"
    )
    assert code == 1
    assert "broken.png: cannot be decoded" in capsys.readouterr().err


def test_people_are_counted_in_pictures_without_people(models, two_people, tmp_path, capsys):
    for path in two_people.iterdir():
        shutil.copy(path, tmp_path)
    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((128, 128, 3), np.uint8))
    out = figures(capsys, nobody=str(tmp_path), model_folder=str(models), net_resolution="-1x128")
    assert out["nobody"] == {"pictures": 2, "with_somebody": 1, "with_many": 1, "people": 2}


def test_stored_results_make_a_table_with_the_best_marked(stored, capsys):
    paths = [str(stored / "poor.json"), str(stored / "perfect.json")]
    assert evaluate(str(stored / "truth.json"), paths, quiet=True) == 0
    out = capsys.readouterr().out
    assert "AP50" in out and "perfect" in out and "PCK@0.2 of the torso" in out
    assert "left_shoulder" in out


def test_two_results_are_compared_picture_by_picture(stored, capsys):
    paths = [str(stored / "perfect.json"), str(stored / "poor.json")]
    sheet = stored / "sheet.png"
    out = figures(
        capsys, str(stored / "truth.json"), paths, compare=True, sheet=str(sheet), worst=3
    )
    worst = [one["worst"] for one in out["candidates"]]
    drops = [worst[1][name] - worst[0][name] for name in worst[0]]
    assert len(drops) == 3 and drops == sorted(drops) and drops[0] < 0
    picture = cv2.imread(str(sheet))
    assert picture.shape == (3 * (240 + 18), 3 * 320, 3)
    assert (picture.max(2) > 200).any()


def test_every_picture_is_drawn_beside_the_truth(stored, capsys):
    evaluate(str(stored / "truth.json"), [str(stored / "poor.json")], quiet=True,
         visualize=str(stored / "seen"))  # fmt: skip
    drawn = sorted((stored / "seen").iterdir())
    assert len(drawn) == 12
    assert cv2.imread(str(drawn[0])).shape == (480 + 18, 2 * 640, 3)


def test_a_submission_needs_no_annotations(stored, capsys):
    table = json.loads((stored / "truth.json").read_text())
    del table["annotations"]
    write_json(stored / "test-dev.json", table)
    path = stored / "ours.zip"
    evaluate(str(stored / "test-dev.json"), [str(stored / "poor.json")], submission=str(path))
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        assert len(json.loads(archive.read(name))) == len(
            json.loads((stored / "poor.json").read_text())
        )
    assert "no annotations" in capsys.readouterr().err


def test_presets_stand_back_for_what_was_typed():
    usual = dataclasses.asdict(Settings())
    best = with_preset(usual, BEST_OF_ALL)
    assert (best["net_resolution"], best["scale_number"]) == ("1312x736", 4)
    assert best["maximize_positives"] and best["net_resolution_dynamic"] == -1
    larger = with_preset({**usual, "model_pose": "BODY_135"}, BEST_OF_ALL)
    assert larger["net_resolution"] == "1712x960"
    assert with_preset({**usual, "model_pose": "BODY_135"}, ONE_SCALE)["net_resolution"] == "-1x480"
    typed = with_preset({**usual, "net_resolution": "656x368"}, BEST_OF_ALL)
    assert typed["net_resolution"] == "656x368"


@pytest.mark.parametrize(
    ("words", "values", "error", "complaint"),
    [
        ([], {}, UsageError, "ground truth is missing"),
        (["truth.json"], {"one_scale": True, "max_accuracy": True}, UsageError, "one of them"),
        (["truth.json", ["poor.json"]], {"compare": True}, UsageError, "two candidates, got 1"),
        (["truth.json", ["none.json"]], {}, InputError, "no such file"),
        (["truth.json", ["images"]], {}, UsageError, "nothing that can be judged"),
        (["truth.json", ["poor.json"]], {"person_score": "best"}, UsageError, "pose, sum, mean"),
        (["truth.json", ["poor.json"]], {"worst": 0}, UsageError, "at least 1"),
        (["truth.json"], {"model_folder": "none", "model_pose": "MPI"}, MissingModel, "not there"),
        (["truth.json"], {"image_dir": "none"}, InputError, "--image_dir DIR"),
        (
            ["truth.json", ["poor.json", "perfect.json"]], {"results_out": "a.json"},
            UsageError, "one candidate, not 2",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named(stored, monkeypatch, words, values, error, complaint):
    monkeypatch.chdir(stored)
    with pytest.raises(error) as problem:
        evaluate(*words, **values)
    assert complaint in str(problem.value)


@pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")
def test_the_people_of_coco_dev_against_themselves_are_perfect(tmp_path, capsys):
    path = Path(SHARED) / "data/dev/coco_dev.json"
    results = write_json(tmp_path / "same.json", as_results(json.loads(path.read_text())))
    (candidate,) = figures(capsys, str(path), [str(results)])["candidates"]
    assert candidate["coco"]["coco17"]["ap"] == pytest.approx(1.0)
    assert candidate["pck"][0]["total"] == pytest.approx(1.0)


def test_the_page_names_every_option():
    page = (Path(__file__).parents[2] / "docs" / "evaluate.md").read_text()
    for row in options():
        assert f"`--{row.name}" in page, row.name
