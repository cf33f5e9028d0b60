"""Formats that other programs run, each checked against PyTorch once it is written."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from openpose_py.engines.no_reports import no_reports
from openpose_py.errors import OutputError, StageError, UsageError
from openpose_py.export.exported import Exported, Wishes
from openpose_py.zoo.cards import ModelCard

LARGEST_DIFFERENCE = 1e-4  # of the largest value of the maps
OTHER_SIZE = (80, 64)  # height and width; a file that is bound to no size is tried at two


class Format(NamedTuple):
    """module: of openpose_py.export, with `write` and `run`. packages: the extra of the same
    name brings them. all_stages: as the published converter did it."""

    name: str
    suffix: str
    module: str
    packages: tuple[str, ...] = ()
    all_stages: bool = False


FORMATS = {
    "onnx": Format("onnx", ".onnx", "onnx_file", ("onnx", "onnxruntime"), all_stages=True),
    "openvino": Format("openvino", ".xml", "openvino_file", ("openvino", "onnx")),
    "torchscript": Format("torchscript", ".torchscript", "torchscript_file"),
}


class Written(NamedTuple):
    """difference: the largest from PyTorch's maps, as a share of their largest value."""

    files: Sequence[Path]
    outputs: Sequence[str]
    difference: float


def export(
    kind: Format, name: str, network: nn.Module, card: ModelCard, wishes: Wishes, path: Path
) -> Written:
    """Writes the network of this name; raises if the file's maps are not PyTorch's."""
    if path.suffix != kind.suffix:
        raise UsageError(f"must end in {kind.suffix}", where=f"--output {path}")
    no_reports()
    module = _module(kind)
    exported = Exported(name, network, card, wishes._replace(all_stages=kind.all_stages))
    files = module.write(exported, path)
    difference = max(_difference(module.run, path, exported, size) for size in ((), OTHER_SIZE))
    if not difference <= LARGEST_DIFFERENCE:
        for file in files:
            file.unlink(missing_ok=True)
        raise OutputError(
            f"differs from PyTorch by {difference:.1g} of the largest value: not kept",
            where=str(path), hint="update torch and the package of the format",
        )  # fmt: skip
    return Written(files, exported.outputs, difference)


def _module(kind: Format) -> Any:
    for package in kind.packages:
        if importlib.util.find_spec(package) is None:
            raise StageError(f"needs the package {package}", where=f"--format {kind.name}",
                             hint=f'type: pip install "openpose-py[{kind.name}]"')  # fmt: skip
    return importlib.import_module(f"openpose_py.export.{kind.module}")


def _difference(
    run: Callable[[Path, Exported, np.ndarray], list[np.ndarray]],
    path: Path,
    exported: Exported,
    size: tuple[int, ...],
) -> float:
    x = exported.example(*size)
    with torch.inference_mode():
        wanted = [one.numpy() for one in exported(x)]
    found = run(path, exported, x.numpy())
    if [one.shape for one in found] != [one.shape for one in wanted]:
        return float("inf")
    pairs = zip(found, wanted, strict=True)
    return max(float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-6)) for a, b in pairs)
