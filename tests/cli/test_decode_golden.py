"""`openpose-py decode` on the golden scenes: the very files, through the real command."""

import json
from pathlib import Path

import numpy as np
import pytest
from drawn.command import openpose_py

GOLDEN = Path(__file__).parents[1] / "golden" / "decoder"
PIXELS, SCORES = 0.02, 1e-4


def scenes_of(model: str) -> dict[bool, list[Path]]:
    """The model's scenes without and with --maximize_positives."""
    paths = sorted(GOLDEN.glob(f"{model}_*.npz"))
    faint = [path for path in paths if bool(np.load(path)["maximize_positives"])]
    return {False: [path for path in paths if path not in faint], True: faint}


@pytest.mark.parametrize("model", ["BODY_25", "BODY_25B", "BODY_135", "COCO", "MPI"])
def test_people_equal_openposes_in_every_scene(model, tmp_path):
    compared = 0
    for faint, paths in scenes_of(model).items():
        if not paths:
            continue
        maps, out = tmp_path / f"maps{faint}", tmp_path / f"out{faint}"
        maps.mkdir()
        for path in paths:
            (maps / path.name).symlink_to(path)
        words = ("--maximize_positives",) if faint else ()
        done = openpose_py("decode", maps, "--quiet", "--write_json", out, *words)
        assert done.code == 0, done.err
        for path in paths:
            compare(np.load(path), out / f"{path.stem}_keypoints.json")
            compared += 1
    assert compared == len(list(GOLDEN.glob(f"{model}_*.npz")))


def compare(golden, path: Path) -> None:
    people = json.loads(path.read_text())["people"]
    parts = golden["cuda_keypoints"].shape[1]
    found = np.array([person["pose_keypoints_2d"] for person in people], np.float32)
    found = found.reshape(-1, parts, 3)
    wanted = golden["cuda_keypoints"]
    assert len(found) == len(wanted), path.name
    if not golden["order_stable"]:
        found, wanted = found[order(found)], wanted[order(wanted)]
    np.testing.assert_allclose(found[..., :2], wanted[..., :2], atol=PIXELS, err_msg=path.name)
    np.testing.assert_allclose(found[..., 2], wanted[..., 2], atol=SCORES, err_msg=path.name)


def order(people: np.ndarray) -> np.ndarray:
    """Indices that sort people by their rounded first coordinates."""
    return np.lexsort(np.round(people[:, :8, :2].reshape(len(people), -1)).T)
