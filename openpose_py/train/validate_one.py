"""How well a network of single persons does on its way, with the inputs and joints of a run."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import judge
from openpose_py.evaluate.people import Found, FoundPeople, GroundTruth, PictureId
from openpose_py.stages.maps.person_crops import GCCPM_COCO, boxes_inside, person_crops
from openpose_py.stages.maps.square_inputs import square_inputs
from openpose_py.stages.people.highest_places import highest_places, mean_in_frame
from openpose_py.stages.people.joints_of_heat import joints_of_maps, person_scores
from openpose_py.train.pictures import PicturePlace, decoded, picture_files
from openpose_py.train.recipe import DataRow
from openpose_py.zoo.skeletons import Skeleton

PEOPLE_AT_ONCE = 16


@dataclasses.dataclass(frozen=True)
class OnePersonValidation:
    """Calling it with a network gives the first figure of `openpose-py eval`: PCKh where each
    picture is one person's (whole), else AP in the boxes of the ground truth."""

    truth: GroundTruth
    place: PicturePlace
    skeleton: Skeleton
    whole: bool

    def __call__(self, network: nn.Module) -> float:
        network.eval()
        found: dict[PictureId, FoundPeople] = {}
        for picture, pixels in self._pictures():
            people = picture.people
            boxes = people.boxes[~people.crowd & (people.keypoints[..., 2] > 0).any(axis=1)]
            if self.whole:
                keypoints = self._in_whole(network, pixels)[None]
            else:
                keypoints = self._in_boxes(network, pixels, boxes)
            found[picture.id] = FoundPeople(keypoints, person_scores(keypoints[..., 2]))
        return judge(self.truth, Found("training", self.skeleton.parts, found)).main

    def _pictures(self) -> Iterator:
        for picture in self.truth.pictures:
            file = self.place.file(picture.file)
            if file:
                yield picture, decoded(file, picture.file)

    def _in_whole(self, network: nn.Module, pixels: np.ndarray) -> np.ndarray:
        """float32 (joints, 3), frame pixels."""
        (square,) = square_inputs(pixels)
        maps = _run(network, square.tensor)[0, : len(self.skeleton.parts)]
        frame = (pixels.shape[1], pixels.shape[0])
        mean = mean_in_frame([maps], [square.corner], [square.size], frame)
        return highest_places(mean, len(self.skeleton.parts))

    def _in_boxes(self, network: nn.Module, pixels: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """float32 (boxes, joints, 3), frame pixels."""
        inside = boxes_inside(boxes, (pixels.shape[1], pixels.shape[0]))
        crops, shown = person_crops(pixels, inside, GCCPM_COCO)
        rows = [np.zeros((0, len(self.skeleton.parts), 3), np.float32)]
        for first in range(0, len(crops), PEOPLE_AT_ONCE):
            some = slice(first, first + PEOPLE_AT_ONCE)
            rows.append(joints_of_maps(_run(network, crops[some]), shown[some], "plain"))
        return np.concatenate(rows)


def one_person_validation(
    row: DataRow, folder: Path, skeleton: Skeleton, whole: bool
) -> OnePersonValidation:
    truth = first_pictures(read_ground_truth(folder / row.annotations), row.first)
    return OnePersonValidation(truth, picture_files(folder / row.pictures), skeleton, whole)


def first_pictures(truth: GroundTruth, count: int) -> GroundTruth:
    """So many of them, in the order of the file; 0: all."""
    return dataclasses.replace(truth, pictures=truth.pictures[: count or None])


def _run(network: nn.Module, inputs: np.ndarray) -> np.ndarray:
    device = next(network.parameters()).device
    with torch.inference_mode():
        maps: np.ndarray = network(torch.from_numpy(inputs).to(device)).float().cpu().numpy()
    return maps
