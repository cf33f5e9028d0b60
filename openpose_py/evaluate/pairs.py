"""What was found beside what is there, in the points of one keypoint set."""

import numpy as np

from openpose_py.evaluate.coco_ap import Pair, extent
from openpose_py.evaluate.keypoint_sets import KeypointSet, columns_of, in_set
from openpose_py.evaluate.people import Found, FoundPeople, GroundTruth, TruePicture


def pairs_of(truth: GroundTruth, found: Found, wanted: KeypointSet) -> list[Pair]:
    """One pair a picture, in the order of the ground truth.

    A found person without a single point of the set is left out. Annotated people without a
    labelled point are ignored, so are crowds.
    """
    columns = columns_of(truth.points, wanted)
    return [
        _pair(picture, found.of(picture.id), found.parts, wanted, columns, truth.listed)
        for picture in truth.pictures
    ]


def _pair(
    picture: TruePicture,
    found: FoundPeople,
    parts: tuple[str, ...],
    wanted: KeypointSet,
    columns: list[int],
    listed: int,
) -> Pair:
    people = picture.people
    true = people.keypoints[:, columns]
    labelled = (true[..., 2] > 0).sum(1)
    if sorted(columns) == list(range(listed)):
        labelled = np.where(people.labelled >= 0, people.labelled, labelled)
    keypoints = in_set(found.keypoints, parts, wanted)
    kept = (keypoints[..., 2] > 0).any(1)
    areas = extent(keypoints) if found.areas is None else found.areas
    return Pair(
        true=true, boxes=people.boxes, areas=people.areas, crowd=people.crowd,
        ignored=people.crowd | (labelled == 0),
        found=keypoints[kept], found_areas=areas[kept], scores=found.scores[kept],
    )  # fmt: skip
