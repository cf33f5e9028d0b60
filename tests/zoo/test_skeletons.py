"""Skeletons against the tables of OpenPose's own code."""

import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import ModelFileError
from openpose_py.zoo.cards import cards, read_card
from openpose_py.zoo.skeletons import read_skeleton

TABLES = json.loads((Path(__file__).parents[1] / "golden" / "tables.json").read_text())
NAMES = [name for name in TABLES if name != "MPI_4"]


@pytest.mark.parametrize("name", NAMES)
def test_a_skeleton_equals_openposes_tables(name):
    table, skeleton = TABLES[name], read_skeleton(name)
    parts = table["parts"]
    assert [table["names"][str(n)] for n in range(parts)] == list(skeleton.parts)
    assert skeleton.background == table["background_channel"]
    np.testing.assert_array_equal(skeleton.limbs, table["part_pairs"])
    np.testing.assert_array_equal(
        skeleton.paf_channels - skeleton.first_paf, np.reshape(table["paf_map_index"], (-1, 2))
    )
    np.testing.assert_array_equal(skeleton.draw, table["render_pairs"])
    np.testing.assert_array_equal(skeleton.colours, table["colors_rgb"])
    np.testing.assert_allclose(skeleton.scales, np.resize(table["scales"], parts))


def test_every_card_has_its_skeleton_and_its_stand_in():
    for card in cards().values():
        assert read_skeleton(card.skeleton).name == card.skeleton
        assert not card.stand_in or card.stand_in in cards()


def test_a_mistyped_key_of_a_card_gets_the_nearest_name(tmp_path):
    path = tmp_path / "card.toml"
    path.write_text('name = "A"\nskelton = "BODY_25"\n')
    with pytest.raises(ModelFileError) as problem:
        read_card(path)
    assert "skelton" in str(problem.value) and "skeleton" in problem.value.hint
