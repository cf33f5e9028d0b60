"""The records of an evaluation: people as annotated, and people as found, picture by picture."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from openpose_py.records import Size

PictureId = int | str


@dataclasses.dataclass(frozen=True)
class TruePeople:
    """Who is in one picture. Frame pixels.

    keypoints: float64 (people, points, 3): x, y, 0 unlabelled / 1 hidden / 2 visible.
    boxes: float64 (people, 4): x, y, width, height. areas: float64 (people,), square pixels.
    crowd: bool (people,): a region of many people. labelled: int64 (people,), COCO's
    num_keypoints, -1 if not stated. heads: float64 (people,), diagonal of the head box, NaN if
    there is none.
    """

    keypoints: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray
    labelled: np.ndarray
    heads: np.ndarray

    def __post_init__(self) -> None:
        wanted = {"boxes": 2, "areas": 1, "crowd": 1, "labelled": 1, "heads": 1}
        for name, dimensions in wanted.items():
            array = getattr(self, name)
            if array.ndim != dimensions or len(array) != len(self.keypoints):
                raise ValueError(f"{name} {array.shape} for keypoints {self.keypoints.shape}")


@dataclasses.dataclass(frozen=True)
class TruePicture:
    id: PictureId
    file: str  # name below the folder of pictures
    size: Size | None
    people: TruePeople


@dataclasses.dataclass(frozen=True)
class GroundTruth:
    """pictures: in the order of their ids. points: names of the keypoints' columns.

    listed: how many of the points `labelled` counts, the first ones.
    """

    pictures: tuple[TruePicture, ...]
    points: tuple[str, ...]
    listed: int
    where: str

    @property
    def annotated(self) -> bool:
        return any(len(picture.people.areas) for picture in self.pictures)


@dataclasses.dataclass(frozen=True)
class FoundPeople:
    """Who was found in one picture. keypoints: (people, parts, 3): x, y in frame pixels, score;
    not found: 0, 0, 0. scores: float64 (people,). areas: float64 (people,), square pixels, if
    the results state boxes."""

    keypoints: np.ndarray
    scores: np.ndarray
    areas: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Found:
    """One candidate's answer. parts: our names of the keypoints' columns.

    pictures: by id; a picture that is not in it has nobody. notes: what to know about it.
    unreadable: a line for each picture that was left out.
    """

    name: str
    parts: tuple[str, ...]
    pictures: dict[PictureId, FoundPeople]
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def of(self, picture: PictureId) -> FoundPeople:
        nobody = FoundPeople(np.zeros((0, len(self.parts), 3)), np.zeros(0))
        return self.pictures.get(picture, nobody)


PERSON_SCORES = ("sum", "mean", "pose")


def person_scores(
    keypoints: np.ndarray, kind: str, pose: Sequence[float] | np.ndarray | None = None
) -> np.ndarray:
    """float64 (people,): how sure a person is. keypoints: (people, parts, 3).

    pose: the decoder's own score; sum: the confidences of the found parts, added up, which is
    their mean times their number; mean: their mean.
    """
    if kind == "pose" and pose is not None:
        return np.asarray(pose, np.float64)
    confidences = keypoints[..., 2].astype(np.float64)
    added = confidences.sum(1)
    if kind == "mean":
        return added / np.maximum((confidences > 0).sum(1), 1)
    return added
