"""Faces and hands: boxes by the body, crops of the frame, a network each, points in the frame."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.flag_values import LARGEST, MULTIPLE, size_of
from openpose_py.keys import Action
from openpose_py.records import Frame, People
from openpose_py.settings import Settings
from openpose_py.stages.maps.crops import crop_inputs, points_in_frame
from openpose_py.stages.maps.engines.torch_crops import CropNetwork
from openpose_py.stages.maps.engines.torch_engine import device_named
from openpose_py.stages.people.argmax_cpu import best_of_scales, highest_points
from openpose_py.stages.people.boxes import (
    check_face,
    check_hand,
    face_boxes,
    hand_boxes,
    hand_scales,
)
from openpose_py.stages.people.face_cascade import FaceCascade
from openpose_py.stages.people.hand_tracking import HandTracker
from openpose_py.stages.people.split_whole_body import has_faces_and_hands
from openpose_py.weights.find import find_weights
from openpose_py.weights.load import load_network
from openpose_py.zoo.part_cards import part_card
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

FACE_SIDE = 40  # frame pixels; a box must be larger; face/faceExtractorCaffe.cpp
HAND_SIDE, HAND_AREA = 1, 10  # hand/handExtractorCaffe.cpp
MOST_PIXELS = 8 * 368 * 368  # of a batch of crops; their activations take a gigabyte
FACES, HANDS = Action.FACES, Action.HANDS
BY_BODY, BY_OPENCV, GIVEN, TRACKED = 0, 1, 2, 3  # --face_detector, --hand_detector

# Squares x, y, width, height in frame pixels: faces (n, 4), hands (n, 2, 4) with the left first.
BoxesOf = Callable[[Frame, People], np.ndarray]


def networks_needed(settings: Settings, shown: Skeleton) -> tuple[str, ...]:
    """What --face and --hand look for with a network of its own; a whole body's points are split
    off instead. shown: the skeleton of the results."""
    if has_faces_and_hands(shown):
        return ()
    return tuple(name for name in ("face", "hand") if getattr(settings, name))


class FaceHand:
    """Finds what --face and --hand ask for. notices: what the user should be told.

    face_boxes, hand_boxes: where the boxes of a frame come from, instead of the detectors.
    """

    def __init__(
        self,
        settings: Settings,
        skeleton: Skeleton,
        face_boxes: BoxesOf | None = None,
        hand_boxes: BoxesOf | None = None,
    ) -> None:
        self.notices: list[str] = []
        given = settings, skeleton, self.notices
        self._faces = _Faces(*given, face_boxes) if settings.face else None
        self._hands = _Hands(*given, hand_boxes) if settings.hand else None
        self._on = {FACES: True, HANDS: True}

    def faces_and_hands(
        self, frame: Frame, people: People
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Faces, float32 (people, 70, 3), and hands, (2, people, 21, 3), left first: x, y in frame
        pixels, score. All zero for a face or hand without a box; None for what is not asked for.

        The frames of a source in their order: --hand_detector 3 remembers the last one.
        """
        faces = self._faces.find(frame, people) if self._faces and self._on[FACES] else None
        hands = self._hands.find(frame, people) if self._hands and self._on[HANDS] else None
        return faces, hands

    def switch(self, action: Action) -> None:
        """FACES or HANDS: leaves them out from the next frame on, or looks for them again."""
        self._on[action] = not self._on[action]


class _Faces:
    def __init__(
        self, settings: Settings, skeleton: Skeleton, notices: list[str], boxes: BoxesOf | None
    ) -> None:
        self._boxes = boxes or _face_detector(settings, skeleton)
        self._network = _Network("face", settings, notices)

    def find(self, frame: Frame, people: People) -> np.ndarray:
        """float32 (people, 70, 3) in frame pixels."""
        boxes = _checked(self._boxes(frame, people), (4,), "face")
        found = boxes[:, 2] > FACE_SIDE
        squares = boxes[found].astype(np.float64)  # OpenPose's precision for faces, see `crops`
        faces = np.zeros((len(boxes), self._network.parts, 3), np.float32)
        faces[found] = self._network.points(frame.pixels, squares, np.zeros(len(squares), bool))
        return faces


class _Hands:
    def __init__(
        self, settings: Settings, skeleton: Skeleton, notices: list[str], boxes: BoxesOf | None
    ) -> None:
        if settings.hand_scale_number < 1:
            raise UsageError("must be at least 1", where="--hand_scale_number")
        self._number, self._spread = settings.hand_scale_number, settings.hand_scale_range
        self._tracker = HandTracker()
        self._boxes = boxes or _hand_detector(settings, skeleton, self._tracker)
        self._network = _Network("hand", settings, notices)

    def find(self, frame: Frame, people: People) -> np.ndarray:
        """float32 (2, people, 21, 3) in frame pixels, left first."""
        boxes = _checked(self._boxes(frame, people), (2, 4), "hand").swapaxes(0, 1)
        sides = boxes[..., 2]
        found = (sides > HAND_SIDE) & (sides * sides > HAND_AREA)
        squares = hand_scales(boxes[found], self._number, self._spread).reshape(-1, 4)
        is_left = (np.argwhere(found)[:, 0] == 0).repeat(self._number)
        points = self._network.points(frame.pixels, squares, is_left)
        hands = np.zeros((*boxes.shape[:2], self._network.parts, 3), np.float32)
        hands[found] = best_of_scales(points.reshape(-1, self._number, self._network.parts, 3))
        self._tracker.remember(hands, frame.index)
        return hands


class _Network:
    """The face or the hand network on square crops. Its file must be there from the start; it is
    read when the first crop comes."""

    def __init__(self, name: str, settings: Settings, notices: list[str]) -> None:
        self._flag = f"{name}_net_resolution"
        self._side = _side_of(getattr(settings, self._flag), self._flag, notices)
        self._card = part_card(name)
        self._path = find_weights(self._card, Path(settings.model_folder))
        self._device = device_named(settings.device, settings.num_gpu, settings.num_gpu_start)
        self.parts = len(read_skeleton(self._card.skeleton).parts)

    @functools.cached_property
    def _engine(self) -> CropNetwork:
        _, network = load_network(self._path, self._card.networks)
        return CropNetwork(
            network, self._device, f"use a smaller --{self._flag}, for example 256x256"
        )

    def points(self, pixels: np.ndarray, squares: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
        """squares: (n, 4), mirrored: bool (n,) -> float32 (n, parts, 3) in frame pixels."""
        points = np.zeros((len(squares), self.parts, 3), np.float32)
        most = max(1, MOST_PIXELS // self._side**2)
        for first in range(0, len(squares), most):
            some = slice(first, first + most)
            crops = squares[some], self._side, mirrored[some]
            maps = self._engine.run(crop_inputs(pixels, *crops))
            points[some] = points_in_frame(highest_points(maps, self.parts), *crops)
        return points


def _face_detector(settings: Settings, skeleton: Skeleton) -> BoxesOf:
    if settings.face_detector == BY_OPENCV:
        cascade = FaceCascade(Path(settings.model_folder))
        return lambda frame, people: cascade.boxes(frame.pixels)
    if settings.face_detector != BY_BODY:
        raise _cannot_detect("face", settings.face_detector, "0 or 1")
    check_face(skeleton)
    _check_body(settings, "face", "--face_detector 1 finds faces without it")
    return lambda frame, people: face_boxes(people.keypoints, skeleton)


def _hand_detector(settings: Settings, skeleton: Skeleton, tracker: HandTracker) -> BoxesOf:
    if settings.hand_detector not in (BY_BODY, TRACKED):
        raise _cannot_detect("hand", settings.hand_detector, "0 or 3")
    check_hand(skeleton)
    _check_body(settings, "hand", "leave --body out")
    if settings.hand_detector == TRACKED:
        return lambda frame, people: tracker.boxes(people.keypoints, skeleton)
    return lambda frame, people: hand_boxes(people.keypoints, skeleton)


def _cannot_detect(part: str, detector: int, instead: str) -> UsageError:
    where, hint = f"--{part}_detector", f"use {instead}"
    if detector == GIVEN:
        return UsageError("boxes are given through the Python API", where=where, hint=hint)
    return UsageError(f"there is no {part} detector {detector}", where=where, hint=hint)


def _check_body(settings: Settings, part: str, hint: str) -> None:
    if settings.body == 0:
        raise UsageError("finds boxes by the body: not with --body 0", where=f"--{part}", hint=hint)


def _side_of(text: str, flag: str, notices: list[str]) -> int:
    """--face_net_resolution, --hand_net_resolution: a square, rounded to a multiple of 16."""
    width, height = size_of(text, flag)
    if width != height or width <= 0:
        raise UsageError(f"must be square, got {text}", where=f"--{flag}", hint="use 368x368")
    if width > LARGEST:
        raise UsageError(f"{width} pixels are too many", where=f"--{flag}")
    side = max(MULTIPLE, (width + MULTIPLE // 2) // MULTIPLE * MULTIPLE)
    if side != width:
        notices.append(f"--{flag}: sides are multiples of 16, {text} is read as {side}x{side}")
    return side


def _checked(boxes: np.ndarray, shape: tuple[int, ...], part: str) -> np.ndarray:
    """The boxes as float32; any that is not finite becomes none."""
    boxes = np.asarray(boxes, np.float32)
    if boxes.shape[1:] != shape or boxes.ndim != len(shape) + 1:
        wanted = ", ".join(map(str, ("people", *shape)))
        raise UsageError(f"must be ({wanted}), got {boxes.shape}", where=f"{part} boxes")
    boxes = np.where(np.isfinite(boxes).all(axis=-1, keepdims=True), boxes, np.float32(0))
    wrong = np.argwhere(boxes[..., 2] != boxes[..., 3])
    if len(wrong):
        width, height = boxes[tuple(wrong[0])][2:]
        raise UsageError(f"must be squares, got {width:g}x{height:g}", where=f"{part} boxes")
    return boxes
