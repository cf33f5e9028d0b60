"""Stage 2 of 5: frame -> maps. The network in ONNX Runtime, on the CPU."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states

from openpose_py.errors import ModelFileError, StageError
from openpose_py.records import Maps, NetInput
from openpose_py.stages.maps.engines.engine import Engine, refused_size

QUIET = 3  # errors only


class OnnxEngine(Engine):
    """model: the bytes of a file, or an `.onnx`. outputs: names of those that make up the maps, in
    order."""

    def __init__(
        self, model: bytes | Path, outputs: Sequence[str], stride: int, threads: int = 1
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = QUIET
        # waiting threads sleep: on a busy machine spinning ones keep the working ones from a core
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(model) if isinstance(model, Path) else model,
            options,
            providers=["CPUExecutionProvider"],
        )
        self._input = self._session.get_inputs()[0].name
        self._outputs = list(outputs)
        self._stride = stride

    def run(self, net_input: NetInput) -> Maps:
        """The maps of all scales, as arrays."""
        try:
            scales = tuple(self._maps(tensor) for tensor in net_input.tensors)
        except states.InvalidArgument as problem:
            raise refused_size(net_input) from problem
        except (states.Fail, states.RuntimeException) as problem:
            raise StageError(f"ONNX Runtime: {problem}", where="network") from problem
        return Maps(scales, net_input.geometry, self._stride)

    def _maps(self, tensor: np.ndarray) -> np.ndarray:
        """tensor: (1, 3, height, width)."""
        found = self._session.run(self._outputs, {self._input: tensor})
        return found[0][0] if len(found) == 1 else np.concatenate([one[0] for one in found])


def onnx_facts(path: Path, key: str) -> str:
    """The text that the exporter left in an ONNX file, or an empty one."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    providers = ["CPUExecutionProvider"]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    except (states.Fail, states.InvalidProtobuf, states.InvalidGraph) as problem:
        what = "is damaged, or no ONNX file"
        raise ModelFileError(what, where=str(path), hint="export the weights again") from problem
    return str(session.get_modelmeta().custom_metadata_map.get(key, ""))
