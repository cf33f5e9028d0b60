import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.stages.people.pose_nms import every_pose, merge_poses

GOLDEN = Path(__file__).parents[2] / "golden" / "alphapose"
ARRAYS = np.load(GOLDEN / "alphapose_postprocess.npz")
ANSWERS = json.loads((GOLDEN / "alphapose_postprocess.json").read_text())["nms"]


def golden_case(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    boxes = ARRAYS[f"nms_{name}_boxes"].copy()
    boxes[:, 2:] -= boxes[:, :2]
    keypoints = np.concatenate([ARRAYS[f"nms_{name}_xy"], ARRAYS[f"nms_{name}_kp"]], axis=2)
    return boxes, ARRAYS[f"nms_{name}_scores"][:, 0], keypoints


@pytest.mark.parametrize("name", ANSWERS)
def test_people_are_those_of_alphapose(name: str) -> None:
    wanted = ANSWERS[name]
    decoding = "heat" if wanted["use_heatmap_loss"] else "integral"
    found = merge_poses(*golden_case(name), decoding)
    assert found.picked.tolist() == wanted["kept"]
    merged = [np.ravel(rows).astype(int).tolist() for rows in wanted["merged_ids"]]
    assert [list(rows) for rows in found.merged] == merged
    joints = np.concatenate([ARRAYS[f"nms_{name}_out_xy"], ARRAYS[f"nms_{name}_out_kp"]], axis=2)
    np.testing.assert_allclose(found.keypoints, joints, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.scores, wanted["proposal_scores"], rtol=0, atol=1e-6)


def test_small_people_are_left_out_when_asked() -> None:
    boxes, scores, keypoints = golden_case("body17")
    everyone = merge_poses(boxes, scores, keypoints, "heat")
    areas = [2.25 * np.ptp(one[:, 0]) * np.ptp(one[:, 1]) for one in everyone.keypoints]
    found = merge_poses(boxes, scores, keypoints, "heat", min_box_area=float(np.median(areas)))
    kept = [p for p, area in zip(everyone.picked, areas, strict=True) if area >= np.median(areas)]
    assert 0 < len(kept) < len(areas) and found.picked.tolist() == kept


def test_a_person_without_a_sure_joint_is_left_out() -> None:
    boxes, scores, keypoints = golden_case("body17")
    keypoints = keypoints.copy()
    keypoints[..., 2] *= 0.3 / keypoints[..., 2].max() - 1e-4
    assert len(merge_poses(boxes, scores, keypoints, "heat").picked) == 0


def test_without_nms_all_poses_stay_and_get_their_scores() -> None:
    _, scores, keypoints = golden_case("body17")
    found = every_pose(scores, keypoints)
    assert found.picked.tolist() == list(range(12)) and found.merged[3] == (3,)
    np.testing.assert_array_equal(found.keypoints, keypoints)
    joints = keypoints[..., 2]
    wanted = joints.mean(axis=1) + scores + 1.25 * joints.max(axis=1)
    np.testing.assert_allclose(found.scores, wanted, rtol=1e-6)


@pytest.mark.parametrize("joints", [17, 136])
def test_nobody_stays_nobody(joints: int) -> None:
    nobody = np.zeros((0, joints, 3), np.float32)
    found = merge_poses(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), nobody, "heat")
    assert found.keypoints.shape == (0, joints, 3) and found.scores.shape == (0,)
    assert every_pose(np.zeros(0, np.float32), nobody).scores.shape == (0,)


def test_a_box_without_area_does_no_harm() -> None:
    keypoints = np.random.default_rng(4).uniform(0.1, 1, (2, 17, 3)).astype(np.float32)
    boxes = np.zeros((2, 4), np.float32)
    found = merge_poses(boxes, np.ones(2, np.float32), keypoints, "heat")
    assert np.isfinite(found.keypoints).all()
