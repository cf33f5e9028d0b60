"""`--prototxt_path`: is the description one of the network that the weights file holds?

The weights file alone decides the network; the description is only compared with it, because a
user who names one would not want another network to run.
"""

import re
from pathlib import Path

from torch import nn

from openpose_py.errors import MissingModel, ModelFileError

LARGEST = 1 << 24  # bytes; OpenPose's own are below 100 kB
LAYER_NAME = re.compile(r'\bname\s*:\s*"([^"\n]*)"')


def check_prototxt(path: Path, network: nn.Module, name: str) -> None:
    """Raises if `path` is missing or lacks a layer that the network has weights for."""
    if not path.is_file():
        raise MissingModel("there is no such file", where=f"--prototxt_path {path}",
                           hint="leave it out: the weights file decides the network")  # fmt: skip
    if path.stat().st_size > LARGEST:
        raise ModelFileError("is too large for a network description", where=str(path))
    text = path.read_text(encoding="utf-8", errors="replace")
    described = set(LAYER_NAME.findall(text))
    wanted = {key.rpartition(".")[0] for key in network.state_dict()}
    missing = sorted(wanted - described)
    if missing:
        raise ModelFileError(
            f"describes another network than the weights, which hold {name}: "
            f"{len(missing)} layers are missing, for example {missing[0]}",
            where=str(path), hint="leave --prototxt_path out",
        )  # fmt: skip
