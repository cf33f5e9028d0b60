import itertools
from pathlib import Path

import pytest
from drawn.stick_people import TINY_RECIPE

from openpose_py.errors import InputError, ModelFileError, UsageError
from openpose_py.train.adapters import FORMATS
from openpose_py.train.recipe import (
    OptimizerRow,
    Recipe,
    find_recipe,
    read_recipe,
    recipe_names,
)
from openpose_py.train.schedule import between, kept_share, rate_at
from openpose_py.train.stages import TRAINABLE
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

SHIPPED = [
    "body_135", "body_25", "body_25b_compact", "body_25b_option1", "body_25b_option2",
    "gccpm_coco", "gccpm_lip", "lightweight_openpose",
]  # fmt: skip


def changed(tmp_path: Path, old: str, new: str) -> Recipe:
    path = tmp_path / "r.toml"
    text = TINY_RECIPE.format(steps=10)
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return read_recipe(path)


def test_these_recipes_come_with_the_package() -> None:
    assert recipe_names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recipe_fits_its_network_skeleton_card_and_data(name: str) -> None:
    recipe = read_recipe(find_recipe(name))
    parts = set(read_skeleton(recipe.skeleton).parts)
    assert recipe.network in TRAINABLE
    assert card_named(recipe.card).skeleton == recipe.skeleton
    assert sum(row.share for row in recipe.data) == pytest.approx(1)
    for row in recipe.data:
        assert row.format in FORMATS
        assert parts >= {*row.parts, *row.positive_only, *row.centre_parts}


@pytest.mark.parametrize(
    ("name", "crop", "batch", "rate", "stages_rate"),
    [
        ("body_25", 368, 40, 1e-4, 4), ("body_25b_option2", 368, 40, 1e-4, 4),
        ("body_25b_option1", 480, 12, 2e-5, 4), ("body_135", 480, 40, 3e-5, 4),
    ],
)  # fmt: skip
def test_published_recipes_have_the_published_numbers(
    name: str, crop: int, batch: int, rate: float, stages_rate: float
) -> None:
    recipe = read_recipe(find_recipe(name))
    assert (recipe.crop, recipe.batch, recipe.optimizer.rate) == (crop, batch, rate)
    assert recipe.groups[0].rate == stages_rate
    assert recipe.augment.rotation == 45
    assert recipe.augment.shift * crop == pytest.approx(40, abs=0.1)
    assert rate_at(599_999, recipe.steps, recipe.optimizer) == rate / 2**6
    assert rate_at(600_000, recipe.steps, recipe.optimizer) == rate / 2**7


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("crop = 128", "crop = 100", "multiple of 16"),
        ("batch = 4", "batch = 0", "1 or more"),
        ('kind = "adamw"', 'kind = "lion"', "adam, adamw or sgd"),
        ('schedule = "cosine"', 'schedule = "line"', "steps, cosine or plateau"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        changed(tmp_path, old, new)


def test_a_mistyped_key_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"(?s)unknown key 'miror'.*did you mean mirror"):
        changed(tmp_path, "mirror = 0", "miror = 0")
    with pytest.raises(ModelFileError, match="'crop' is missing"):
        changed(tmp_path, "crop = 128", "")


def test_recipes_are_found_by_name_and_by_path(tmp_path: Path) -> None:
    assert find_recipe("body_25").name == "body_25.toml"
    with pytest.raises(UsageError, match="did you mean body_25b_compact"):
        find_recipe("body_25b_compct")
    with pytest.raises(InputError, match="no such recipe"):
        find_recipe(str(tmp_path / "x.toml"))


def test_the_cosine_falls_from_first_to_last_rate_after_warming_up() -> None:
    options = OptimizerRow(rate=1.0, last_rate=0.1, schedule="cosine", warm_up=10)
    rates = [rate_at(step, 100, options) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[50] == pytest.approx(0.55)
    assert rates[100] == pytest.approx(0.1)
    assert all(a > b for a, b in itertools.pairwise(rates[10:]))


def test_a_number_goes_evenly_from_start_to_end() -> None:
    assert [between((0.2, 0.6), step, 4) for step in (0, 2, 4, 9)] == [0.2, 0.4, 0.6, 0.6]


def test_the_average_forgets_its_fresh_start() -> None:
    options = OptimizerRow(average=0.99)
    assert kept_share(0, options) == 0.1
    assert kept_share(100_000, options) == 0.99
    assert kept_share(100_000, OptimizerRow()) == 0
