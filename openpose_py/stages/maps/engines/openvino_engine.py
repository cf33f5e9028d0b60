"""Stage 2 of 5: frame -> maps. The network in OpenVINO, on the CPU."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino

from openpose_py.errors import ModelFileError, StageError
from openpose_py.records import Maps, NetInput
from openpose_py.stages.maps.engines.engine import Engine, refused_size

HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "bf16"}  # int8: of the layers that stay in floats


class OpenVinoEngine(Engine):
    """model: in memory, or an `.xml`. outputs: names of those that make up the maps, in order.

    precision: fp32, bf16, or int8 for a model that was quantised.
    """

    def __init__(
        self,
        model: openvino.Model | Path,
        outputs: Sequence[str],
        stride: int,
        precision: str = "fp32",
        threads: int = 1,
    ) -> None:
        options = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,  # bound threads would wait for the busy core of another
        }
        model = str(model) if isinstance(model, Path) else model
        compiled = openvino.Core().compile_model(model, "CPU", options)
        self._outputs = [compiled.output(name) for name in outputs]
        self._request = compiled.create_infer_request()
        self._stride = stride

    def run(self, net_input: NetInput) -> Maps:
        """The maps of all scales, as arrays."""
        try:
            scales = tuple(self._maps(tensor) for tensor in net_input.tensors)
        except RuntimeError as problem:
            if "ape" in str(problem):  # shape, Shape
                raise refused_size(net_input) from problem
            raise StageError(f"OpenVINO: {_first_line(problem)}", where="network") from problem
        return Maps(scales, net_input.geometry, self._stride)

    def _maps(self, tensor: np.ndarray) -> np.ndarray:
        """tensor: (1, 3, height, width). Returns a copy: OpenVINO writes the next over its own."""
        found = self._request.infer([tensor], share_inputs=True, share_outputs=True)
        return np.concatenate([found[output][0] for output in self._outputs], dtype=np.float32)


def openvino_facts(path: Path, key: str) -> str:
    """The text that the exporter left in an IR or an ONNX file, or an empty one."""
    try:
        model = openvino.Core().read_model(str(path))
    except RuntimeError as problem:
        what = f"cannot be read by OpenVINO: {_first_line(problem)}"
        raise ModelFileError(what, where=str(path), hint="export the weights again") from problem
    kept = ["framework", key] if path.suffix.lower() == ".onnx" else [key]
    return str(model.get_rt_info(kept).astype(str)) if model.has_rt_info(kept) else ""


def _first_line(problem: RuntimeError) -> str:
    return next((line for line in str(problem).splitlines() if line.strip()), "failed")
