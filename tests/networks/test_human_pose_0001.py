"""OpenVINO's edition of Lightweight OpenPose against OpenVINO itself, from the published file."""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from openpose_py.weights.load import load_network

SHARED = os.environ.get("OPENPOSE_PY_SHARED")
IR_FILE = Path(SHARED or ".") / "weights" / "human-pose-estimation-0001-fp16-int8.xml"
MEDIA = Path(__file__).parents[2] / "examples" / "media"
HEATS = 19


@pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")
def test_maps_are_openvinos_where_it_rounds_no_activations() -> None:
    pytest.importorskip("openvino")
    picture = cv2.resize(cv2.imread(str(MEDIA / "crossing.jpg")), (456, 256))
    x = picture.transpose(2, 0, 1)[None].astype(np.float32)
    _, network = load_network(IR_FILE, ["human_pose_estimation_0001"])
    found = network(torch.from_numpy(x)).numpy()
    wanted = openvino_maps(x)
    for part in (slice(0, HEATS), slice(HEATS, None)):
        most = np.abs(wanted[:, part]).max()
        assert np.abs(found[:, part] - wanted[:, part]).max() < 1e-3 * most


def openvino_maps(x: np.ndarray) -> np.ndarray:
    """Heat maps, then PAFs, of a copy of the file without its FakeQuantize operations."""
    import openvino
    from openvino.passes import ConstantFolding, Manager

    core = openvino.Core()
    model = core.read_model(str(IR_FILE))
    for one in list(model.get_ordered_ops()):
        if one.get_type_name() == "FakeQuantize" and sees_the_picture(
            one.input_value(0).get_node()
        ):
            one.output(0).replace(one.input_value(0))
    manager = (
        Manager()
    )  # the weights as described, or some are scaled in float32 when they are used
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    answer = compiled(x)
    maps = sorted((answer[one] for one in compiled.outputs), key=lambda one: one.shape[1])
    return np.concatenate(maps, 1)


def sees_the_picture(node: Any) -> bool:
    waiting, seen = [node], set()
    while waiting:
        one = waiting.pop()
        if one.get_type_name() == "Parameter":
            return True
        if one.get_friendly_name() not in seen:
            seen.add(one.get_friendly_name())
            waiting += [port.get_source_output().get_node() for port in one.inputs()]
    return False
