"""What a training leaves: the weight file for `openpose-py`, and the model card beside it."""

import dataclasses
import hashlib
import os
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from openpose_py.networks.compact_cpm import CompactCpm, fold
from openpose_py.train.recipe import Recipe
from openpose_py.zoo.cards import ModelCard, Thresholds, WeightFile, card_named, read_card

# Arrays up to this size stay in full floats: they are a twentieth of the file, and rounding them to
# half floats would move the maps by several thousandths.
SMALL = 30_000


def write_result(network: nn.Module, recipe: Recipe, folder: Path, step: int) -> Path:
    """Writes NAME.safetensors, NAME.toml, and for a network with batch norms NAME_unfolded
    .safetensors, with which another training can start; returns the card's path."""
    weights = folder / f"{recipe.name}.safetensors"
    if isinstance(network, CompactCpm):
        write_weights(network, folder / f"{recipe.name}_unfolded.safetensors", half=False)
        network = fold(network)
    write_weights(network, weights, recipe.half)
    card = folder / f"{recipe.name}.toml"
    _replace(card, card_text(_card(recipe, weights, step)).encode())
    read_card(card)
    return card


def write_weights(network: nn.Module, path: Path, half: bool) -> None:
    """All arrays of numbers under the names of the network's layers."""
    table = {
        key: _stored(value, half)
        for key, value in network.state_dict().items()
        if value.is_floating_point()
    }
    partial = path.with_name(f"{path.name}.partial")
    save_file(table, partial)
    partial.chmod(0o644)
    os.replace(partial, path)


def card_text(card: ModelCard) -> str:
    """A card as TOML, in the order of its fields; what is empty is left out."""
    lines, files = [], []
    for field in dataclasses.fields(card):
        value = getattr(card, field.name)
        if field.name == "files":
            files = [line for file in value for line in ("", "[[files]]", *_rows(file))]
        elif isinstance(value, Thresholds):
            inner = ", ".join(_rows(value))
            lines.append(f"{field.name} = {{ {inner} }}")
        elif value not in ("", 0, ()):
            lines.append(f"{field.name} = {_toml(value)}")
    return "\n".join([*lines, *files]) + "\n"


def _card(recipe: Recipe, weights: Path, step: int) -> ModelCard:
    data, network = weights.read_bytes(), recipe.network
    return dataclasses.replace(
        card_named(recipe.card),
        name=recipe.name,
        summary=f"{recipe.summary} Trained for {step} steps of {recipe.batch}.",
        skeleton=recipe.skeleton,
        networks=(network,),
        licence=recipe.licence,
        figures=(),
        stand_in="",
        files=(
            WeightFile(
                path=weights.name,
                network=network,
                bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
            ),
        ),
    )


def _stored(value: torch.Tensor, half: bool) -> torch.Tensor:
    value = value.detach().cpu().float().contiguous()
    return value.half() if half and value.numel() > SMALL else value


def _rows(record: Thresholds | WeightFile) -> list[str]:
    values = ((field.name, getattr(record, field.name)) for field in dataclasses.fields(record))
    return [f"{name} = {_toml(value)}" for name, value in values if value not in ("", None, ())]


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)
