"""Runs a model on the pictures of a ground truth, and keeps who was found in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path

from openpose_py.errors import InputError
from openpose_py.estimator import Estimator
from openpose_py.evaluate.candidates import Candidate
from openpose_py.evaluate.mirror import MirroringEstimator
from openpose_py.evaluate.people import (
    Found,
    FoundPeople,
    GroundTruth,
    PictureId,
    person_scores,
)
from openpose_py.inputs import open_input
from openpose_py.records import Frame
from openpose_py.stages.frames.source import Source
from openpose_py.zoo.skeletons import read_skeleton

# What evaluation decides itself: coordinates of the frame, nothing drawn.
FIXED = {"keypoint_scale": 0, "render_pose": 0, "write_images": "", "write_video": ""}


def ready(candidate: Candidate, pictures: Path) -> Estimator:
    """The candidate's estimator, for a folder of pictures."""
    settings = {**candidate.flags, **FIXED, "image_dir": str(pictures), "video": ""}
    if candidate.flip:  # a top-down model mirrors its crops; all others their whole input
        settings["flip_test"] = True
    return (MirroringEstimator if candidate.flip else Estimator)(**settings)


def run_model(
    candidate: Candidate,
    estimator: Estimator,
    truth: GroundTruth | None,
    each: Callable[[int], None] = lambda people: None,
) -> Found:
    """Everybody in the pictures of the ground truth, or in all of the folder without one.

    each: called for every picture with the number of people in it.
    """
    folder = open_input(estimator.settings)
    ids = {Path(one.file).name: one.id for one in truth.pictures} if truth else None
    found: dict[PictureId, FoundPeople] = {}
    for result in estimator.run(Wanted(folder, ids)):
        name = Path(result.frame.origin).name
        people = result.people
        scores = person_scores(people.keypoints, candidate.score, people.scores)
        found[ids[name] if ids else name] = FoundPeople(people.keypoints, scores)
        each(len(people))
    pictures = estimator.settings.image_dir
    if not found:
        raise InputError("has none of the pictures of the ground truth", where=pictures,
                         hint="name their folder: --image_dir DIR")  # fmt: skip
    notes = list(estimator.notices)
    if truth and len(found) < len(truth.pictures):
        notes.append(f"{len(truth.pictures) - len(found)} of {len(truth.pictures)} pictures are "
                     f"not in {pictures} or unreadable: nobody found there")  # fmt: skip
    skeleton = estimator.settings.keypoints or estimator.card.skeleton
    parts = read_skeleton(skeleton).parts
    return Found(candidate.name, parts, found, tuple(notes), tuple(folder.unreadable))


class Wanted:
    """The frames of a folder whose file names are wanted; None: all of them."""

    def __init__(self, source: Source, names: dict[str, PictureId] | None) -> None:
        self._source, self._names = source, names
        self.fps, self.unreadable = source.fps, source.unreadable
        self.count = source.count if names is None else len(names)

    def frames(self) -> Iterator[Frame]:
        for frame in self._source.frames():
            if self._names is None or Path(frame.origin).name in self._names:
                yield frame

    def close(self) -> None:
        self._source.close()
