"""Networks as ONNX."""

import io
import warnings
from pathlib import Path

import numpy as np
import torch

from openpose_py.export.exported import Exported
from openpose_py.export.facts import KEY
from openpose_py.stages.writers.whole_file import write_whole

OPSET = 17
DYNAMIC = {0: "pictures", 2: "height", 3: "width"}
OUTPUT_AXES = {0: "pictures", 2: "rows", 3: "columns"}


def onnx_bytes(exported: Exported) -> bytes:
    """The whole file but for the facts."""
    facts = exported.facts
    axes = {facts.input: DYNAMIC, **{name: OUTPUT_AXES for name in exported.outputs}}
    file = io.BytesIO()
    with warnings.catch_warnings():
        # traced, not compiled: the newer way needs one more package and can do no more here
        warnings.simplefilter("ignore")
        torch.onnx.export(
            exported, (exported.example(),), file,  # type: ignore[arg-type]
            dynamo=False, opset_version=OPSET,
            input_names=[facts.input], output_names=exported.outputs,
            dynamic_axes={} if facts.size else axes,
        )  # fmt: skip
    return file.getvalue()


def write(exported: Exported, path: Path) -> list[Path]:
    import onnx

    model = onnx.load_model_from_string(onnx_bytes(exported))
    onnx.helper.set_model_props(model, {KEY: exported.facts.text()})
    model.producer_name = "openpose-py"
    onnx.checker.check_model(model)
    write_whole(path, model.SerializeToString())
    return [path]


def run(path: Path, exported: Exported, x: np.ndarray) -> list[np.ndarray]:
    """All outputs of the written file."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found: list[np.ndarray] = session.run(exported.outputs, {exported.facts.input: x})
    return found
