"""Pictures in which a hand-made network finds exactly the people that were put in.

One drawn person becomes a stamp of codes, one a cell; the network (`copying_network`) turns each
code back into the maps of that cell. A picture with the stamp in N places has N people.
"""

import dataclasses
import functools
from pathlib import Path

import cv2
import numpy as np
from drawn.copying_network import coded_picture, most_codes, write_copying_caffemodel
from drawn.crowd import drawn_maps

from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

STAMP = (64, 128)  # net pixels, width and height of one person
LARGE = (128, 224)  # with a face and hands that are large enough for networks of their own
FAINT = 0.02  # cells without a value above it are left black


@dataclasses.dataclass(frozen=True)
class Stamp:
    """codes: uint8 (rows, columns), 0 where nothing is. vectors: float32 (codes + 1, channels)."""

    codes: np.ndarray
    vectors: np.ndarray


@functools.cache
def stamp_of(model: str, network: str, size: tuple[int, int] = STAMP) -> Stamp:
    """One drawn person of the model's skeleton in as many codes as the network can tell apart."""
    skeleton = read_skeleton(card_named(model).skeleton)
    maps, _ = drawn_maps(skeleton, 1, size, seed=1)
    strength = np.abs(maps[: len(skeleton.parts)]).max(0)
    strength = np.maximum(strength, np.abs(maps[skeleton.first_paf :]).max(0))
    order = np.argsort(-strength, axis=None)[: most_codes(network)]
    cells = np.sort(order[strength.ravel()[order] > FAINT])
    codes = np.zeros(strength.size, np.uint8)
    codes[cells] = np.arange(1, len(cells) + 1)
    vectors = np.zeros((len(cells) + 1, len(maps)), np.float32)
    vectors[1:] = maps.reshape(len(maps), -1)[:, cells].T
    return Stamp(codes.reshape(strength.shape), vectors)


def write_model(folder: Path, model: str, size: tuple[int, int] = STAMP) -> None:
    """The model's weights file, where OpenPose would look for it below `folder`."""
    row = card_named(model).files[0]
    path = folder / row.path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_copying_caffemodel(path, row.network, stamp_of(model, row.network, size).vectors)


def picture_of(
    model: str, network: str, people: int, columns: int = 3, size: tuple[int, int] = STAMP
) -> np.ndarray:
    """uint8 picture of `people` stamps in rows of `columns`, sides multiples of 16."""
    stamp = stamp_of(model, network, size).codes
    rows = max(1, -(-people // columns))
    height, width = stamp.shape
    codes = np.zeros((rows * height, columns * width), np.uint8)
    for number in range(people):
        row, column = divmod(number, columns)
        top, left = row * height, column * width
        codes[top : top + height, left : left + width] = stamp
    return coded_picture(codes)


def write_picture(path: Path, model: str, network: str, people: int, columns: int = 3) -> None:
    cv2.imwrite(str(path), picture_of(model, network, people, columns))
