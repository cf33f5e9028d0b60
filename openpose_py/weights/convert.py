"""A weight file of any known kind into `.safetensors`, which loads at once and holds no code."""

import os
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from openpose_py.errors import ModelFileError, OutputError
from openpose_py.weights.any_network import AnyNetwork, load_any_network

READABLE = 0o644  # safetensors writes for the owner alone; folders of models are shared


def convert_to_safetensors(
    path: Path, place: Callable[[AnyNetwork], Path]
) -> tuple[AnyNetwork, Path]:
    """Writes the weights of `path`, then reads the copy and compares: the network, the copy.

    place: where the copy of such a network goes.
    """
    found = load_any_network(path)
    target = place(found)
    temporary = target.with_name(f".part-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        save_file(_contiguous(found.network), str(temporary), metadata={"network": found.name})
        temporary.chmod(READABLE)
        _compare(found, load_any_network(temporary), path)
        os.replace(temporary, target)
    except (OSError, SafetensorError) as problem:
        raise OutputError(f"cannot be written: {problem}", where=str(target)) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return found, target


def _contiguous(network: nn.Module) -> dict[str, torch.Tensor]:
    return {key: tensor.contiguous() for key, tensor in network.state_dict().items()}


def _compare(found: AnyNetwork, copy: AnyNetwork, path: Path) -> None:
    wanted, read = found.network.state_dict(), copy.network.state_dict()
    same = wanted.keys() == read.keys() and all(
        torch.equal(tensor, read[key]) for key, tensor in wanted.items()
    )
    if not same or (found.name, found.maps) != (copy.name, copy.maps):
        raise ModelFileError("does not come back whole from .safetensors", where=str(path))
