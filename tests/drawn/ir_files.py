"""Writes human-pose-estimation-0001 with random weights, from its published descriptions.

These lie in `weights` of the folder that OPENPOSE_PY_SHARED names; without it tests are skipped.
"""

import os
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

NAME = "human-pose-estimation-0001"
FILES = {
    "fp32": f"{NAME}-fp32-topology-only.xml",
    "fp16": f"{NAME}-fp16-topology-only.xml",
    "fp16-int8": f"{NAME}-fp16-int8.xml",
}
KINDS = {"f32": "<f4", "f16": "<f2", "i8": "<i1"}


def write_ir(path: Path, precision: str, seed: int = 1) -> Path:
    """path: the `.xml`. precision: fp32, fp16 or fp16-int8. The shapes that the description's
    constants hold are right; all other numbers are drawn."""
    shared = os.environ.get("OPENPOSE_PY_SHARED")
    if not shared:
        pytest.skip("OPENPOSE_PY_SHARED names no folder")
    described = (Path(shared) / "weights" / FILES[precision]).read_bytes()
    path.write_bytes(described)
    net = ElementTree.fromstring(described)
    targets = _reshaped(net)
    weights, random = bytearray(), np.random.default_rng(seed)
    for layer in net.iter("layer"):
        if layer.get("type") != "Const":
            continue
        data = layer.find("data").attrib
        shape = [int(side) for side in data["shape"].split(",") if side]
        values = _values(data["element_type"], shape, random, targets.get(layer.get("id")))
        start, stop = int(data["offset"]), int(data["offset"]) + int(data["size"])
        weights.extend(bytes(max(0, stop - len(weights))))
        weights[start:stop] = values.tobytes()
    path.with_suffix(".bin").write_bytes(weights)
    return path


def _values(
    kind: str, shape: list[int], random: np.random.Generator, target: list[int] | None
) -> np.ndarray:
    if kind == "i64":
        return np.array(target, np.int64)
    if kind == "i8":
        return random.integers(-100, 101, shape).astype(KINDS[kind])
    spread = np.sqrt(2 / max(1, np.prod(shape[1:]))) if len(shape) > 1 else 0.01
    return np.abs(random.normal(0, min(spread, 0.02), shape)).astype(KINDS[kind])


def _reshaped(net: ElementTree.Element) -> dict[str | None, list[int]]:
    """Id of the constant that tells a shape -> that shape."""
    shapes = {
        layer.get("id"): [int(dim.text or 0) for dim in layer.findall("output/port/dim")]
        for layer in net.iter("layer")
        if layer.get("type") == "Reshape"
    }
    return {
        edge.get("from-layer"): shapes[edge.get("to-layer")]
        for edge in net.iter("edge")
        if edge.get("to-layer") in shapes and edge.get("to-port") == "1"
    }
