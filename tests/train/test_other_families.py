"""Recipes of Lightweight OpenPose and GCCPM: three steps, what they start from, what they learn."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.other_data import lone_people, write_coco, write_lip
from drawn.stick_people import draw

from openpose_py.errors import UsageError
from openpose_py.estimator import Estimator
from openpose_py.networks.lightweight_cpm import Lightweight
from openpose_py.train.initial import load_initial
from openpose_py.train.loop import TrainOptions, train
from openpose_py.train.one_person import OnePersonSamples, with_grey_piece
from openpose_py.train.optimizers import make_optimizer
from openpose_py.train.recipe import AugmentRow, Recipe, find_recipe, read_recipe
from openpose_py.train.samples import Sample, Samples
from openpose_py.train.schedule import falls_of, rate_at
from openpose_py.train.stages import build_for, normalised
from openpose_py.train.validate import validation
from openpose_py.weights.state_dict import read_state_dict
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

FAMILIES = ("lightweight_openpose", "gccpm_lip", "gccpm_coco")
ONE_PERSON = [pytest.param(name, marks=pytest.mark.slow) for name in FAMILIES[1:]]
SIDE = 96
PLAIN = AugmentRow(
    person_share=0, scene_size=(1, 1), shift=0, rotation=0, mirror=0, least_fill=1,
    stay_inside=True, backgrounds=False,
)  # fmt: skip


def small(name: str, folder: Path, **changes: object) -> Recipe:
    """The recipe with one stage of refinement, on two drawn people in `folder`."""
    folder.mkdir(exist_ok=True)
    (write_lip if name == "gccpm_lip" else write_coco)(folder, SIDE)
    recipe = read_recipe(find_recipe(name))
    annotations = "lip.csv" if name == "gccpm_lip" else "coco.json"
    row = dataclasses.replace(recipe.data[0], annotations=annotations, pictures="pictures")
    judged = tuple(dataclasses.replace(row, first=2) for _ in recipe.validation)
    usual = {
        "name": "small", "crop": SIDE, "batch": 2, "steps": 3, "refinements": 1, "data": (row,),
        "validation": judged,
    }  # fmt: skip
    return dataclasses.replace(recipe, **{**usual, **changes})  # type: ignore[arg-type]


def trained(recipe: Recipe, folder: Path, **options: object) -> Path:
    """The card."""
    given = TrainOptions(folder, folder / "out", device="cpu", **options)  # type: ignore[arg-type]
    card = train(recipe, given, lambda row: None, validation(recipe, folder))
    assert card is not None
    return card


@pytest.mark.parametrize("name", ["lightweight_openpose", *ONE_PERSON])
def test_three_steps_leave_a_model_that_runs_from_its_card(name: str, tmp_path: Path) -> None:
    card = trained(small(name, tmp_path), tmp_path)
    one_person = name != "lightweight_openpose"
    estimator = Estimator(
        model_pose=str(card), model_folder=str(card.parent), net_resolution="-1x96", display=0,
        device="cpu", detector="whole" if one_person else "auto",
    )  # fmt: skip
    result = estimator(draw([lone_people(SIDE)[0]], SIDE))
    parts = len(read_skeleton(read_recipe(find_recipe(name)).skeleton).parts)
    assert result.people.keypoints.shape[1:] == (parts, 3)
    assert len(result.people) == 1 or not one_person


@pytest.mark.parametrize("name", FAMILIES)
def test_a_sample_depends_on_its_number_alone(name: str, tmp_path: Path) -> None:
    recipe = small(name, tmp_path)
    kind = Samples if name == "lightweight_openpose" else OnePersonSamples
    samples = kind(recipe, tmp_path, 1, recipe.data)
    again = kind(recipe, tmp_path, 1, recipe.data)
    height, width = (SIDE, SIDE * 3 // 4) if name == "gccpm_coco" else (SIDE, SIDE)
    for number in (5, 3):
        one, other = samples[number], again[number]
        assert one.pixels.shape == (3, height, width)
        assert one.targets.shape[1:] == (height // 8, width // 8)
        np.testing.assert_array_equal(one.pixels, other.pixels)
        np.testing.assert_array_equal(one.targets, other.targets)
    assert (samples[3].pixels != samples[4].pixels).any()


@pytest.mark.parametrize("name", ["gccpm_lip", "gccpm_coco"])
def test_the_points_move_with_the_pixels(name: str, tmp_path: Path) -> None:
    """Knees of two colours are where the targets say, the left one to the right, also in mirrored
    crops, where the colours change places."""
    recipe = small(name, tmp_path)
    plain = dataclasses.replace(recipe.augment, masked=0, channels=0, zoom=(1, 1), half_body=0)
    samples = OnePersonSamples(
        dataclasses.replace(recipe, augment=plain), tmp_path, 1, recipe.data
    )  # fmt: skip
    left, right = (samples.skeleton.parts.index(part) for part in ("LKnee", "RKnee"))
    seen = set()
    for number in range(8):
        sample = samples[number]
        (left_x, left_tint), (right_x, right_tint) = (_knee(sample, part) for part in (left, right))
        assert left_x >= right_x
        assert {left_tint, right_tint} == {"blue", "red"}
        seen.add(left_tint)
    assert seen == {"blue", "red"}


def _knee(sample: Sample, part: int) -> tuple[int, str]:
    """Column of the target's highest cell, and the tint of the pixels round it."""
    heat = sample.targets[part]
    y, x = (int(n) for n in np.unravel_index(heat.argmax(), heat.shape))
    near = sample.pixels[:, max(0, 8 * y - 2) : 8 * y + 10, max(0, 8 * x - 2) : 8 * x + 10]
    blue, _, red = near.reshape(3, -1).astype(int)
    return x, "blue" if (blue - red).sum() > 0 else "red"


def test_a_grey_piece_covers_a_part_of_a_copy() -> None:
    white = np.full((60, 40, 3), 255, np.uint8)
    covered = with_grey_piece(white, np.random.default_rng(1))
    assert white.min() == 255 and 0 < (covered == 128).mean() < 0.5


def test_every_kind_of_layer_has_its_published_rate_and_decay(tmp_path: Path) -> None:
    recipe = read_recipe(find_recipe("lightweight_openpose"))
    network = build_for(recipe)
    optimizer = make_optimizer(network, recipe)
    names = {parameter: name for name, parameter in network.named_parameters()}
    found = {
        names[parameter]: (group["factor"], group["weight_decay"])
        for group in optimizer.param_groups for parameter in group["params"]
    }  # fmt: skip
    wanted = {
        "model.0.0.weight": (1, 5e-4), "model.3.0.weight": (1, 0), "model.3.1.weight": (1, 0),
        "model.3.1.bias": (2, 0), "model.3.3.weight": (1, 5e-4), "cpm.align.0.bias": (2, 0),
        "cpm.trunk.0.0.weight": (1, 0), "cpm.trunk.0.2.weight": (1, 5e-4),
        "initial_stage.trunk.0.0.weight": (1, 5e-4), "initial_stage.trunk.0.0.bias": (2, 0),
        "refinement_stages.0.trunk.0.initial.0.weight": (4, 5e-4),
        "refinement_stages.0.trunk.0.initial.0.bias": (8, 0),
        "refinement_stages.0.trunk.0.trunk.0.1.weight": (1, 0),
        "refinement_stages.0.trunk.0.trunk.0.1.bias": (2, 0),
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted


def test_a_rate_on_a_plateau_falls_after_six_judgements_without_gain() -> None:
    better = [0.1, 0.2, 0.3]
    assert falls_of([*better, *[0.3] * 5], 5) == 0
    assert falls_of([*better, *[0.3] * 6], 5) == 1
    assert falls_of([*better, *[0.3] * 12], 5) == 2
    assert falls_of([*better, *[0.3] * 5, 0.31, *[0.3] * 5], 5) == 0
    options = read_recipe(find_recipe("gccpm_lip")).optimizer
    assert rate_at(10, 100, options, falls=2) == pytest.approx(4e-7)


def test_the_rate_s_judgements_outlive_an_interruption(tmp_path: Path) -> None:
    recipe = small("gccpm_lip", tmp_path, steps=2, validate_steps=1)
    trained(recipe, tmp_path)
    state = torch.load(tmp_path / "out/checkpoint.pt", weights_only=True)
    assert len(state["figures"]) == 2
    trained(dataclasses.replace(recipe, steps=3), tmp_path, resume=True)
    state = torch.load(tmp_path / "out/checkpoint.pt", weights_only=True)
    assert len(state["figures"]) == 3


def test_a_mobilenet_of_imagenet_fills_the_backbone_alone(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network, source = Lightweight(normed=True), Lightweight(normed=True)
    backbone = {
        f"module.{key}": value for key, value in source.state_dict().items() if "model" in key
    }
    table = {**backbone, "module.fc.weight": torch.zeros(1000, 1024)}
    path = tmp_path / "mobilenet_sgd_68.848.pth.tar"
    torch.save({"epoch": 90, "arch": "mobilenet", "state_dict": table}, path,
               _use_new_zipfile_serialization=False)  # fmt: skip
    before = {key: value.clone() for key, value in network.state_dict().items()}
    load_initial(network, path)
    after = network.state_dict()
    assert torch.equal(after["model.11.3.weight"], source.state_dict()["model.11.3.weight"])
    fresh = [key for key in before if not key.startswith("model.")]
    assert all(torch.equal(before[key], after[key]) for key in fresh)


def test_training_goes_on_from_a_result_of_fewer_stages(tmp_path: Path) -> None:
    first = trained(small("lightweight_openpose", tmp_path), tmp_path)
    weights = first.with_suffix(".safetensors")
    more = small("lightweight_openpose", tmp_path / "more", refinements=3)
    network = build_for(more)
    load_initial(network, weights)
    stored = read_state_dict(weights)
    key = "refinement_stages.0.heatmaps.1.0.weight"
    np.testing.assert_array_equal(network.state_dict()[key].numpy(), stored[key])
    assert {key.split(".")[1] for key in network.state_dict() if key.startswith("ref")} == set(
        "012"
    )


def test_pixels_of_imagenet_s_kind_are_turned_to_r_g_b() -> None:
    pixels = torch.tensor([103, 116, 124], dtype=torch.uint8).reshape(1, 3, 1, 1)
    assert normalised(pixels, "imagenet").abs().max() < 0.02
    assert normalised(pixels, "vgg").flatten()[0] == 103 / 256 - 0.5


def test_stages_cannot_be_chosen_where_there_are_none() -> None:
    recipe = dataclasses.replace(read_recipe(find_recipe("body_25")), refinements=2)
    with pytest.raises(UsageError, match="no stages to choose"):
        build_for(recipe)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_a_recipe_learns_two_people(name: str, tmp_path: Path) -> None:
    """At a rate that suits fresh weights: most points are then found within a cell."""
    published = read_recipe(find_recipe(name))
    recipe = small(
        name, tmp_path, steps=120, validation=(), validate_steps=0, groups=(),
        augment=dataclasses.replace(PLAIN, whole=name == "gccpm_lip"),
        optimizer=dataclasses.replace(
            published.optimizer, rate=1e-3, schedule="cosine", weight_decay=0, warm_up=10
        ),
    )  # fmt: skip
    arrays = read_state_dict(trained(recipe, tmp_path).with_suffix(".safetensors"))
    network = build_for(recipe)
    table = {key: torch.from_numpy(array) for key, array in arrays.items()}
    network.load_state_dict(table, strict=False)
    kind = Samples if name == "lightweight_openpose" else OnePersonSamples
    samples = kind(recipe, tmp_path, recipe.seed, recipe.data)
    parts, rule = len(samples.skeleton.parts), card_named(recipe.card).normalisation
    for number in range(4):
        sample = samples[number]
        pixels = normalised(torch.from_numpy(sample.pixels)[None], rule)
        with torch.inference_mode():
            maps = network.eval()(pixels)[0, :parts].numpy()
        drawn = sample.targets[:parts].reshape(parts, -1)
        places = [np.unravel_index(one.reshape(parts, -1).argmax(axis=1), maps.shape[1:])
                  for one in (maps, drawn)]  # fmt: skip
        apart = np.hypot(*(np.array(places[0]) - np.array(places[1])))
        assert (apart[drawn.max(axis=1) > 0] <= 1.5).mean() > 0.8, apart.round(1)
