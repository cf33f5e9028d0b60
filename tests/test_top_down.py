"""A top-down model whose maps are known: its joints must be found where they were put."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from openpose_py.chosen_model import ChosenModel
from openpose_py.person_boxes import Boxes
from openpose_py.records import Frame
from openpose_py.settings import Settings
from openpose_py.stages.maps.person_crops import shown_boxes
from openpose_py.top_down import TopDown
from openpose_py.zoo.cards import cards
from openpose_py.zoo.skeletons import read_skeleton

CPU = torch.device("cpu")
SIZES = {"alphapose": (256, 192), "imagenet": (384, 288)}  # of crops: height, width
BOXES = np.array([[40, 30, 60, 150], [200, 20, 90, 120]], np.float32)


class KnownMaps(nn.Module):
    """Answers every batch with the maps that it was given."""

    def __init__(self, maps: np.ndarray) -> None:
        super().__init__()
        self.maps = torch.from_numpy(maps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.maps[: len(x)]


class KnownTopDown(TopDown):
    """Without weights: the network is given."""

    network_given: nn.Module

    def _load(self, model: ChosenModel) -> nn.Module:
        return self.network_given


class GivenBoxes:
    def find(self, frame: Frame) -> Boxes:
        return Boxes(BOXES, np.full(len(BOXES), 0.9, np.float32))


def known(name: str, maps: np.ndarray, **flags: object) -> KnownTopDown:
    card = cards()[name]
    KnownTopDown.network_given = KnownMaps(maps)
    flags = {"detector": "whole", "pose_nms": "none", **flags}
    found = KnownTopDown(Settings(**flags), ChosenModel(card, card, Path()), CPU)
    found._finder = GivenBoxes()
    return found


def cells_with_joints(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Maps with one bright cell a joint, and the cells x, y: (2, joints, 2)."""
    card = cards()[name]
    joints = len(read_skeleton(card.skeleton).parts)
    height, width = (side // card.stride for side in SIZES[card.normalisation])
    random = np.random.default_rng(joints)
    cells = np.stack([random.integers(2, width - 2, (2, joints)),
                      random.integers(2, height - 2, (2, joints))], axis=-1)  # fmt: skip
    quiet = -30.0 if card.decode == "integral" else 0.0
    maps = np.full((2, joints, height, width), quiet, np.float32)
    for person in range(2):
        for joint, (x, y) in enumerate(cells[person]):
            maps[person, joint, y, x] = 30.0 if card.decode == "integral" else 0.9
    return maps, cells


@pytest.mark.parametrize(
    "name", [name for name, card in cards().items() if card.normalisation in SIZES]
)
def test_every_published_row_finds_the_joints_of_known_maps(name: str) -> None:
    card = cards()[name]
    maps, cells = cells_with_joints(name)
    if card.decode == "combined":  # the body by its highest cell, the rest by the mean place
        joints = maps.shape[1]
        body = joints - {68: 42, 133: 110, 136: 110}[joints]
        maps[:, body:] = np.where(maps[:, body:] > 0, 30.0, -30.0)
    way = known(name, maps)
    frame = Frame(np.zeros((240, 320, 3), np.uint8), 0, "a", 0.0, "a.png")
    people = way.people(frame, way.network(way.prepare(frame))).people
    height, width = SIZES[card.normalisation]
    boxes = BOXES
    if card.normalisation == "imagenet":
        boxes = BOXES - np.array([0, 0, 1, 1], np.float32)  # its last pixel belongs to a box
    shown = shown_boxes(boxes, (width, height))
    for person in range(2):
        box = shown[person]
        scale = box[2] / maps.shape[3]
        wanted = box[:2] + box[2:] / 2 + (cells[person] - np.array(maps.shape[:1:-1]) / 2) * scale
        np.testing.assert_allclose(people.keypoints[person, :, :2], wanted, atol=0.02)
        assert (people.keypoints[person, :, 2] > 0.5).all()


def test_a_mirrored_crop_counts_as_much_as_the_crop() -> None:
    maps, _ = cells_with_joints("ap_coco_simple_r50")
    frame = Frame(np.zeros((240, 320, 3), np.uint8), 0, "a", 0.0, "a.png")
    one, two = (known("ap_coco_simple_r50", maps, flip_test=flip) for flip in (False, True))
    straight, both = (way.network(way.prepare(frame)).keypoints for way in (one, two))
    assert (both[..., 2] <= straight[..., 2]).all() and (both[..., 2] < straight[..., 2]).any()


def test_most_people_that_are_wanted_are_kept() -> None:
    maps, _ = cells_with_joints("ap_coco_simple_r50")
    way = known("ap_coco_simple_r50", maps, number_people_max=1)
    frame = Frame(np.zeros((240, 320, 3), np.uint8), 0, "a", 0.0, "a.png")
    assert len(way.people(frame, way.network(way.prepare(frame))).people) == 1


def test_a_joint_without_a_value_is_not_found() -> None:
    maps, _ = cells_with_joints("ap_coco_simple_r50")
    maps[:, 3] = 0
    way = known("ap_coco_simple_r50", maps)
    frame = Frame(np.zeros((240, 320, 3), np.uint8), 0, "a", 0.0, "a.png")
    people = way.people(frame, way.network(way.prepare(frame))).people
    assert (people.keypoints[:, 3] == 0).all()


def test_a_frame_without_boxes_has_nobody() -> None:
    maps, _ = cells_with_joints("ap_coco_simple_r50")
    way = known("ap_coco_simple_r50", maps)
    frame = Frame(np.zeros((240, 320, 3), np.uint8), 0, "a", 0.0, "a.png")
    given = way.prepare(frame)
    empty = dataclasses.replace(
        given, inputs=given.inputs[:0], shown=given.shown[:0],
        found=dataclasses.replace(given.found, boxes=BOXES[:0], scores=np.zeros(0, np.float32)),
    )  # fmt: skip
    assert len(way.people(frame, way.network(empty)).people) == 0


@pytest.mark.parametrize(
    ("name", "file", "other"),
    [
        ("gccpm_coco", "gccpm_lip.pth", "gccpm_lip"),
        ("ap_halpe136_fastpose_r50", "halpe136_fast50_regression_256x192.safetensors",
         "ap_halpe136_fastpose_r50_regression"),
        ("gccpm_lip", "gccpm_lip.pth", ""),
        ("gccpm_lip", "my_own.pth", ""),
    ],
)  # fmt: skip
def test_a_file_with_the_name_of_another_model_is_hinted_at(
    name: str, file: str, other: str
) -> None:
    card = cards()[name]
    KnownTopDown.network_given = KnownMaps(np.zeros((1, 1, 1, 1), np.float32))
    model = ChosenModel(card, card, Path(file))
    notices = KnownTopDown(Settings(detector="whole"), model, CPU).notices
    assert len(notices) == bool(other)
    assert not other or f"type --model_pose {other}" in notices[0]
