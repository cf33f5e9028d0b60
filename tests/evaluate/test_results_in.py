"""Stored results: OpenPose's JSON folders and COCO's results files."""

import numpy as np
import pytest
from evaluate.made_people import as_results, random_truth, write_json

from openpose_py.errors import InputError, UsageError
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import judge
from openpose_py.evaluate.keypoint_sets import all_sets, in_set
from openpose_py.evaluate.results_in import read_coco_results, read_openpose_folder
from openpose_py.stages.writers.json_people import JsonFields, people_json
from openpose_py.zoo.skeletons import read_skeleton


@pytest.fixture
def truth(tmp_path):
    table = random_truth(np.random.default_rng(4), 5)
    return read_ground_truth(write_json(tmp_path / "truth.json", table))


def write_folder(folder, truth, model: str, **more):
    """The annotated people of the ground truth, as OpenPose would have written them."""
    parts = read_skeleton(model).parts
    columns = [parts.index(part) for part in all_sets()["coco17"].first_parts]
    folder.mkdir()
    for picture in truth.pictures:
        true = picture.people.keypoints
        true = true[(true[..., 2] > 0).any(1)]
        pose = np.zeros((len(true), len(parts), 3), np.float32)
        pose[:, columns] = true
        pose[..., 2] = (pose[..., 2] > 0) * 0.5
        fields = {key: value[: len(true)] for key, value in more.items()}
        name = f"{picture.file.removesuffix('.jpg')}_keypoints.json"
        (folder / name).write_bytes(people_json(JsonFields(pose=pose, **fields)))
    return folder


@pytest.mark.parametrize("model", ["BODY_25", "BODY_25B", "COCO", "BODY_135"])
def test_a_folder_is_read_in_the_order_of_the_model(tmp_path, truth, model):
    found = read_openpose_folder(write_folder(tmp_path / "out", truth, model), truth, model)
    for picture in truth.pictures:
        people = in_set(found.of(picture.id).keypoints, found.parts, all_sets()["coco17"])
        true = picture.people.keypoints
        true = true[(true[..., 2] > 0).any(1)]
        assert np.array_equal(people[..., :2], true[..., :2])
    assert found.notes == ()


def test_without_a_stored_score_a_person_is_as_sure_as_the_sum_of_the_parts(tmp_path, truth):
    folder = write_folder(tmp_path / "out", truth, "BODY_25")
    for kind, expected in (("sum", lambda c: c.sum(1)), ("mean", lambda c: c.max(1))):
        found = read_openpose_folder(folder, truth, "BODY_25", kind)
        for people in found.pictures.values():
            assert people.scores == pytest.approx(expected(people.keypoints[..., 2]))


def test_faces_and_hands_of_a_folder_are_read_by_name(tmp_path, truth):
    random = np.random.default_rng(0)
    more = {
        name: random.uniform(1, 9, (50, points, 3)).astype(np.float32)
        for name, points in (("face", 70), ("hand_left", 21), ("hand_right", 21))
    }
    folder = write_folder(tmp_path / "out", truth, "BODY_25", **more)
    found = read_openpose_folder(folder, truth, "BODY_25")
    people = next(iter(found.pictures.values()))
    for wanted, block in (("face68", "face"), ("lefthand21", "hand_left")):
        got = in_set(people.keypoints, found.parts, all_sets()[wanted])
        count = len(all_sets()[wanted].points)
        assert got == pytest.approx(more[block][: len(got), :count], rel=1e-5)


def test_a_folder_of_another_model_is_refused_with_the_right_one(tmp_path, truth):
    folder = write_folder(tmp_path / "out", truth, "COCO")
    with pytest.raises(UsageError) as problem:
        read_openpose_folder(folder, truth, "BODY_25")
    assert "use --model_pose COCO" in str(problem.value)


def test_missing_and_unknown_files_are_noted(tmp_path, truth):
    folder = write_folder(tmp_path / "out", truth, "BODY_25")
    first = sorted(folder.iterdir())[0]
    first.rename(folder / "holiday_keypoints.json")
    found = read_openpose_folder(folder, truth, "BODY_25")
    assert any("1 of 5 pictures have no file" in note for note in found.notes)
    assert any("1 files are of pictures" in note for note in found.notes)


def test_a_file_name_may_end_with_the_pictures_id(tmp_path, truth):
    folder = write_folder(tmp_path / "out", truth, "BODY_25")
    for picture in truth.pictures:
        stem = picture.file.removesuffix(".jpg")
        new = f"COCO_val2014_{picture.id:012d}_keypoints.json"
        (folder / f"{stem}_keypoints.json").rename(folder / new)
    assert read_openpose_folder(folder, truth, "BODY_25").notes == ()


def test_an_empty_folder_and_a_damaged_file_are_named(tmp_path, truth):
    with pytest.raises(InputError, match="has no file"):
        read_openpose_folder(tmp_path, truth, "BODY_25")
    path = tmp_path / f"{truth.pictures[0].file.removesuffix('.jpg')}_keypoints.json"
    path.write_text('{"people": [{"pose_keypoints_2d": 7}]}')
    with pytest.raises(InputError, match="not a file of OpenPose"):
        read_openpose_folder(tmp_path, truth, "BODY_25")


def test_coco_results_of_pictures_that_are_not_there_are_refused(tmp_path, truth):
    row = {"image_id": 12345, "keypoints": [0] * 51, "score": 1}
    with pytest.raises(InputError, match="12345"):
        read_coco_results(write_json(tmp_path / "results.json", [row]), truth)


def test_coco_results_with_another_number_of_points_are_refused(tmp_path, truth):
    row = {"image_id": truth.pictures[0].id, "keypoints": [0] * 12, "score": 1}
    with pytest.raises(InputError, match="4 keypoints"):
        read_coco_results(write_json(tmp_path / "results.json", [row]), truth)


def test_a_model_without_feet_is_told_so(tmp_path):
    table = random_truth(np.random.default_rng(4), 5)
    for row in table["annotations"]:
        row["foot_kpts"] = [5, 5, 2] * 6
    truth = read_ground_truth(write_json(tmp_path / "truth.json", table))
    results = write_json(tmp_path / "results.json", as_results(table))
    judgement = judge(truth, read_coco_results(results, truth))
    assert list(judgement.figures) == ["coco17"]
    assert any("foot 6: not judged" in note for note in judgement.notes)
