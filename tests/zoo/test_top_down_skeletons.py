"""Skeletons of models that see one person a crop, against the tables of their own code."""

import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.zoo.opposites import opposite_parts
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[1] / "golden" / "alphapose"
TABLES = json.loads((GOLDEN / "skeletons.json").read_text())
NAMES = {
    "COCO_17": "coco17", "HALPE_26": "halpe26", "HALPE_68": "halpe68_noface",
    "HALPE_136": "halpe136", "WHOLEBODY_133": "coco_wholebody133", "HAND_21": "hand21",
    "LIP_16": "lip16",
}  # fmt: skip
SHORT = {"left": "L", "right": "R"}


def test_every_table_has_its_skeleton() -> None:
    assert sorted(NAMES.values()) == sorted(TABLES)


@pytest.mark.parametrize("name", NAMES)
def test_parts_stand_in_the_order_of_the_table(name: str) -> None:
    table, skeleton = TABLES[NAMES[name]], read_skeleton(name)
    assert len(skeleton.parts) == table["num_joints"] == len(set(skeleton.parts))
    for part, wanted in zip(skeleton.parts, table["names"], strict=True):
        side, _, rest = wanted.partition("_")
        word = rest.removeprefix("hand_").split("_")[0]
        if side in SHORT and word != "wrist":
            start = SHORT[side] + word.replace("little", "pinky")
            assert part.lower().startswith(start.lower()), (part, wanted)


@pytest.mark.parametrize("name", NAMES)
def test_lines_and_colours_are_those_of_the_table(name: str) -> None:
    table, skeleton = TABLES[NAMES[name]], read_skeleton(name)
    lines = np.array(table["limbs"])
    is_real = (lines < len(skeleton.parts)).all(axis=1)  # AlphaPose draws a neck that COCO lacks
    np.testing.assert_array_equal(skeleton.draw[is_real], lines[is_real])
    colours = np.array(table["point_colors_bgr"])[: len(skeleton.parts), ::-1]
    np.testing.assert_array_equal(skeleton.colours[: len(colours)], colours)
    assert (skeleton.colours[len(colours) :] == 255).all()
    assert skeleton.background == ("background_channel" in table)
    assert skeleton.channels == len(skeleton.parts) + skeleton.background


@pytest.mark.parametrize("name", NAMES)
def test_opposite_parts_are_the_pairs_of_the_table(name: str) -> None:
    wanted = np.arange(len(read_skeleton(name).parts))
    for a, b in TABLES[NAMES[name]]["flip_pairs"]:
        wanted[[a, b]] = b, a
    np.testing.assert_array_equal(opposite_parts(read_skeleton(name).parts), wanted)
