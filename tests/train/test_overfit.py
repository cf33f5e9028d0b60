import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.stick_people import PARTS, TINY_RECIPE, draw, four_people, write_pack
from torch import nn

from openpose_py.networks.compact_cpm import CompactCpm, body_25b
from openpose_py.records import Frame, Maps
from openpose_py.stages.maps.net_input import net_input
from openpose_py.stages.maps.sizes import SizeWishes
from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.options import options_for
from openpose_py.train.loop import TrainOptions, train
from openpose_py.train.recipe import AugmentRow, DataRow, GroupRow, Recipe, find_recipe, read_recipe
from openpose_py.train.stages import TINY, build
from openpose_py.train.validate import validation
from openpose_py.weights.state_dict import read_state_dict
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

WHOLE_PICTURE = AugmentRow(
    person_share=0, scene_size=(1, 1), shift=0, rotation=0, mirror=0, least_fill=1,
    stay_inside=True, backgrounds=False,
)  # fmt: skip
NEAR = 6.0  # pixels, three quarters of a map cell
WHOLE = 12  # parts; fewer are a limb that was found twice


def learnt(recipe: Recipe, side: int, folder: Path) -> dict[str, torch.Tensor]:
    """The arrays of the weight file, after training on four drawn people."""
    write_pack(folder, four_people(side), side)
    card = train(recipe, TrainOptions(folder, folder / "out", device="cpu"), lambda row: None, None)
    assert card is not None
    arrays = read_state_dict(card.with_suffix(".safetensors"))
    return {key: torch.from_numpy(array) for key, array in arrays.items()}


def check_found(network: nn.Module, recipe: Recipe, side: int) -> None:
    """Everybody is found once, and nobody else; most of their parts are near where they are."""
    skeleton = read_skeleton(recipe.skeleton)
    names = [
        (n, PARTS.index(p)) for n, p in enumerate(skeleton.parts) if p in PARTS and p != "Neck"
    ]
    mine, drawn = (list(column) for column in zip(*names, strict=True))
    for people in four_people(side):
        frame = Frame(draw(people, side), 0, "drawn", 0.0, "drawn")
        given = net_input(frame, SizeWishes(net_resolution=(side, side)))
        with torch.inference_mode():
            maps = network(torch.from_numpy(given.tensors[0]))[0].numpy()
        options = options_for(card_named(recipe.card))
        found, _ = decode(Maps((maps,), given.geometry), skeleton, options)
        whole = found.keypoints[(found.keypoints[..., 2] > 0).sum(axis=1) >= WHOLE]
        assert len(whole) == len(people)
        for points in people:
            errors = np.linalg.norm(whole[:, mine, :2] - points[drawn], axis=2)
            best = errors[np.median(errors, axis=1).argmin()]
            assert (best < NEAR).mean() > 0.6, best.round(1)


def write_coco(folder: Path, side: int) -> DataRow:
    """The labels of the four people as COCO has them."""
    rows = [
        {
            "id": 10 * number + n, "image_id": number, "category_id": 1, "iscrowd": 0,
            "keypoints": [value for x, y in points[:17].tolist() for value in (x, y, 2)],
            "num_keypoints": 17, "area": 3000, "bbox": [0, 0, side, side],
        }
        for number, people in enumerate(four_people(side))
        for n, points in enumerate(people)
    ]  # fmt: skip
    images = [{"id": n, "file_name": f"{n}.png", "width": side, "height": side} for n in range(2)]
    category = {"id": 1, "name": "person", "keypoints": []}
    table = {"images": images, "annotations": rows, "categories": [category]}
    (folder / "coco.json").write_text(json.dumps(table))
    return DataRow("coco", "coco.json", "pictures")


def test_a_tiny_network_finds_the_people_it_was_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY_RECIPE.format(steps=200))
    recipe = read_recipe(path)
    arrays = learnt(recipe, 128, tmp_path)
    network = CompactCpm(TINY, normed=False)
    network.load_state_dict(arrays)
    check_found(network.eval(), recipe, 128)
    row = write_coco(tmp_path, 128)
    measure = validation(dataclasses.replace(recipe, validation=(row,)), tmp_path)
    assert measure is not None
    wishes = SizeWishes(net_resolution=(128, 128))
    assert dataclasses.replace(measure, wishes=wishes)(network) > 0.7
    assert dataclasses.replace(measure, wishes=wishes)(CompactCpm(TINY, normed=False)) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rate"),
    [("body_25", 5e-4), ("body_25b_option2", 5e-4), ("body_25b_option1", 1.5e-4),
     ("body_135", 1.5e-4)],
)  # fmt: skip
def test_a_published_recipe_learns_four_people(name: str, rate: float, tmp_path: Path) -> None:
    """At a rate that suits a network without VGG's weights and a few pictures."""
    published = read_recipe(find_recipe(name))
    recipe = dataclasses.replace(
        published, name="four", crop=96, batch=2, steps=250, augment=WHOLE_PICTURE,
        data=(DataRow("jsonl", "people.jsonl", "pictures"),), groups=(GroupRow("", 1),),
        optimizer=dataclasses.replace(
            published.optimizer, rate=rate, schedule="cosine", weight_decay=0, warm_up=20, clip=500
        ),
    )  # fmt: skip
    network = build(name)
    network.load_state_dict(learnt(recipe, 96, tmp_path))
    check_found(network.eval(), recipe, 96)


@pytest.mark.slow
def test_our_own_recipe_learns_four_people(tmp_path: Path) -> None:
    own = read_recipe(find_recipe("body_25b_compact"))
    recipe = dataclasses.replace(
        own, name="four", crop=128, batch=4, steps=150, augment=WHOLE_PICTURE,
        data=(DataRow("jsonl", "people.jsonl", "pictures"),),
        optimizer=dataclasses.replace(own.optimizer, rate=3e-3, warm_up=20, average=0.9),
        groups=(),
    )  # fmt: skip
    arrays = learnt(recipe, 128, tmp_path)
    network = body_25b()
    network.load_state_dict(arrays)
    check_found(network.eval(), recipe, 128)
