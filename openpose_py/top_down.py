"""People by a top-down model: boxes of the frame -> crops -> maps -> joints -> people.

It stands in the place of the stages between frames and people; all behind them is the same.
"""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.chosen_model import ChosenModel
from openpose_py.engines.open import is_exported
from openpose_py.engines.open_crops import OpenedCrops, open_crops, open_exported_crops
from openpose_py.errors import ModelFileError, UsageError
from openpose_py.flag_values import sizes_wished
from openpose_py.person_boxes import Boxes, box_finder
from openpose_py.records import Frame, People, Result
from openpose_py.settings import Settings
from openpose_py.stages.maps.person_crops import (
    ALPHAPOSE,
    GCCPM_COCO,
    boxes_inside,
    person_crops,
)
from openpose_py.stages.maps.sizes import geometry_of
from openpose_py.stages.maps.square_inputs import SCALES, square_inputs
from openpose_py.stages.people.highest_places import highest_places, mean_in_frame
from openpose_py.stages.people.joints_of_heat import joints_of_maps, person_scores, turned_back
from openpose_py.stages.people.keep_best import keep_best
from openpose_py.stages.people.pose_nms import FoundPoses, every_pose, merge_poses
from openpose_py.weights.identify_alphapose import load_one_person_network
from openpose_py.zoo.cards import ModelCard, cards
from openpose_py.zoo.opposites import opposite_parts
from openpose_py.zoo.skeletons import read_skeleton

RULES = {"alphapose": ALPHAPOSE, "imagenet": GCCPM_COCO}  # normalisation of a card -> its crops
NEEDS_MAPS = (
    *("write_heatmaps", "write_maps", "part_candidates", "part_to_show", "tracking", "decoder"),
    *("scale_number", "maximize_positives", "upsampling_ratio"),
)
NO_FLAGS = Settings()
DECODINGS = {"heat_map": "heat", "integral": "integral", "combined": "combined", "arg_max": "plain"}


@dataclasses.dataclass(frozen=True, slots=True)
class Crops:
    """found: the boxes of a frame. shown: what the crops show, float32 (n, 4), frame pixels.
    inputs: float32 (n, 3, height, width)."""

    found: Boxes
    shown: np.ndarray
    inputs: np.ndarray


@dataclasses.dataclass(frozen=True, slots=True)
class Cuttings:
    """For a model that sees each box as a picture of its own."""

    found: Boxes
    frame: Frame


@dataclasses.dataclass(frozen=True, slots=True)
class Joints:
    """keypoints: float32 (n, parts, 3), frame pixels; one row a box."""

    found: Boxes
    keypoints: np.ndarray


class TopDown:
    """The stages of one top-down model. notices: what to tell the user at the start."""

    def __init__(self, settings: Settings, model: ChosenModel, device: Any) -> None:
        self._settings, self._card = settings, model.runs
        _refuse(settings, self._card)
        skeleton = read_skeleton(self._card.skeleton)
        self._parts = len(skeleton.parts)
        self._opposite = opposite_parts(skeleton.parts)
        self._finder = box_finder(settings, self._card, device)
        self.decoder = self._finder.decoder
        opened = self._open(model, device)
        self._network = opened.network
        self.notices = (*_hint_at_name(model), *opened.notices)
        self._wishes = sizes_wished(settings, self._card, pictures=False)

    def prepare(self, frame: Frame) -> Crops | Cuttings:
        """Boxes and their crops."""
        found = self._finder.find(frame)
        if self._card.normalisation not in RULES:
            return Cuttings(found, frame)
        rule, boxes = RULES[self._card.normalisation], found.boxes
        if rule is GCCPM_COCO:
            boxes = boxes_inside(boxes, frame.size)
        crops, shown = person_crops(frame.pixels, boxes, rule)
        return Crops(found, shown, crops)

    def network(self, given: Crops | Cuttings) -> Joints:
        """The network on all crops of a frame, and the joints that its maps show."""
        if isinstance(given, Cuttings):
            return self._in_squares(given.found, given.frame)
        maps, mirrored = self._run(given.inputs), None
        if self._settings.flip_test:
            turned = np.ascontiguousarray(given.inputs[..., ::-1])
            mirrored = turned_back(self._run(turned), self._opposite)
        decoding = DECODINGS[self._card.decode]
        return Joints(given.found, joints_of_maps(maps, given.shown, decoding, mirrored))

    def people(self, frame: Frame, joints: Joints) -> Result:
        """Who is in the frame, best first; one person of several boxes is one again."""
        poses = self._merged(joints)
        keypoints = poses.keypoints.copy()
        keypoints[keypoints[..., 2] <= 0] = 0
        people = People(keypoints, poses.scores)
        people = keep_best(people, self._settings.number_people_max)
        return Result(frame, people, geometry_of(frame.size, self._wishes))

    def _open(self, model: ChosenModel, device: Any) -> OpenedCrops:
        if is_exported(model.weights):
            return open_exported_crops(self._settings, model, device, self._parts)
        return open_crops(self._settings, model, self._load(model), device)

    def _load(self, model: ChosenModel) -> Any:
        identified, network = load_one_person_network(model.weights, self._card.upsampling)
        where = str(model.weights)
        if identified.family not in self._card.networks:
            what = f"holds {identified.family} ({identified.details}), not {self._card.networks[0]}"
            raise ModelFileError(what, where=where, hint=f"{self._card.name}: {self._card.summary}")
        if identified.family != "gccpm" and identified.maps != self._parts:
            what = f"finds {identified.maps} points, {self._card.name} has {self._parts}"
            raise ModelFileError(what, where=where, hint="type: openpose-py models list")
        return network

    def _run(self, inputs: np.ndarray) -> np.ndarray:
        """float32 (n, 3, height, width) -> (n, parts, height, width), in batches."""
        most = self._settings.posebatch
        batches = [self._network.run(inputs[n : n + most]) for n in range(0, len(inputs), most)]
        height, width = (side // self._card.stride for side in inputs.shape[2:])
        empty = np.zeros((0, self._parts, height, width), np.float32)
        return np.concatenate([empty, *(maps[:, : self._parts] for maps in batches)])

    def _in_squares(self, found: Boxes, frame: Frame) -> Joints:
        """Each box is a picture of its own, of one person."""
        rows = [self._in_square(frame.pixels, box) for box in found.boxes]
        return Joints(found, np.array(rows, np.float32).reshape(-1, self._parts, 3))

    def _in_square(self, pixels: np.ndarray, box: np.ndarray) -> np.ndarray:
        x, y = np.maximum(box[:2], 0).astype(int)
        right, bottom = np.ceil(box[:2] + box[2:]).astype(int)
        inside = pixels[y:bottom, x:right]
        if inside.size == 0:
            return np.zeros((self._parts, 3), np.float32)
        mean = self._mean(np.ascontiguousarray(inside))
        if self._settings.flip_test:
            turned = self._mean(np.ascontiguousarray(inside[:, ::-1]))[:, ::-1]
            mean = (mean + turned[..., self._opposite]) / 2
        return highest_places(mean, self._parts) + np.array([x, y, 0], np.float32)

    def _mean(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (height, width, parts): the maps at the size of the picture."""
        squares = square_inputs(pixels, SCALES if self._settings.multiscale else (1.0,))
        maps = [self._network.run(square.tensor)[0, : self._parts] for square in squares]
        corners, sizes = [one.corner for one in squares], [one.size for one in squares]
        return mean_in_frame(maps, corners, sizes, (pixels.shape[1], pixels.shape[0]))

    def _merged(self, joints: Joints) -> FoundPoses:
        found, keypoints = joints.found, joints.keypoints
        if self._card.decode == "arg_max":
            scores = person_scores(keypoints[..., 2])
            return dataclasses.replace(every_pose(found.scores, keypoints), scores=scores)
        if self._settings.pose_nms == "none":
            return every_pose(found.scores, keypoints)
        decoding, least = DECODINGS[self._card.decode], self._settings.min_box_area
        return merge_poses(found.boxes, found.scores, keypoints, decoding, least)


def _refuse(settings: Settings, card: ModelCard) -> None:
    """What shows or needs maps of the whole frame."""
    for name in NEEDS_MAPS:
        if getattr(settings, name) != getattr(NO_FLAGS, name):
            raise UsageError(
                f"needs maps of the whole frame, and {card.name} sees one person at a time",
                where=f"--{name}", hint="leave it out, or use another --model_pose",
            )  # fmt: skip


def _hint_at_name(model: ChosenModel) -> tuple[str, ...]:
    """Weights do not tell how they are to be read; the name of a published file does."""
    stem, runs = model.weights.stem, model.runs
    named = [
        card.name
        for card in cards().values()
        if set(card.networks) & set(runs.networks)
        and any(Path(row.path).stem == stem for row in card.files)
    ]
    if not named or runs.name in named:
        return ()
    return (
        f"{model.weights.name} has the name of {named[0]}'s file and is run as {runs.name}: if it "
        f"is the published one, type --model_pose {named[0]}",
    )
