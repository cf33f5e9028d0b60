"""Networks as OpenVINO's IR, an `.xml` with its `.bin`."""

import os
import tempfile
from pathlib import Path

import numpy as np
import openvino

from openpose_py.export.exported import Exported
from openpose_py.export.facts import KEY, Facts
from openpose_py.export.onnx_file import onnx_bytes
from openpose_py.stages.writers.whole_file import cannot_write


def openvino_model(exported: Exported) -> openvino.Model:
    """The network in memory, float32: by way of ONNX, because OpenVINO's own converter of PyTorch
    networks takes seconds to load and reports its use."""
    return openvino.Core().read_model(onnx_bytes(exported))


def write(exported: Exported, path: Path) -> list[Path]:
    return save_ir(openvino_model(exported), exported.facts, path)


def save_ir(model: openvino.Model, facts: Facts, path: Path) -> list[Path]:
    """path: of the `.xml`; both files appear whole or not at all."""
    model.set_rt_info(facts.text(), [KEY])
    written = [path, path.with_suffix(".bin")]
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            openvino.save_model(model, str(Path(folder) / path.name), compress_to_fp16=False)
            for one in reversed(written):
                os.replace(Path(folder) / one.name, one)
    except OSError as problem:
        raise cannot_write(path, problem) from problem
    return written


def run(path: Path, exported: Exported, x: np.ndarray) -> list[np.ndarray]:
    """All outputs of the written files."""
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(path), "CPU", exact)
    found = compiled(x)
    return [found[compiled.output(name)] for name in exported.outputs]
