"""Networks as TorchScript, which LibTorch and PyTorch run without our code."""

import io
import warnings
from pathlib import Path

import numpy as np
import torch

from openpose_py.export.exported import Exported
from openpose_py.export.facts import KEY
from openpose_py.stages.writers.whole_file import write_whole


def write(exported: Exported, path: Path) -> list[Path]:
    """The outputs come as a tuple, in the order of `Exported.outputs`."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing
        traced = torch.jit.trace(exported, exported.example(), check_trace=False)
        torch.jit.save(traced, file, _extra_files={KEY: exported.facts.text()})
    write_whole(path, file.getvalue())
    return [path]


def run(path: Path, exported: Exported, x: np.ndarray) -> list[np.ndarray]:
    """All outputs of the written file."""
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = torch.jit.load(str(path), map_location="cpu")(torch.from_numpy(x))
    return [one.numpy() for one in found]
