"""Pictures without people: how many of them get somebody all the same."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from openpose_py.evaluate.candidates import Candidate
from openpose_py.evaluate.people import Found
from openpose_py.evaluate.results_in import ENDING, read_openpose_folder

MANY_PARTS = 5  # somebody with as many parts looks like a person


@dataclasses.dataclass(frozen=True)
class Nobody:
    """with_many: pictures that have somebody of at least MANY_PARTS parts."""

    pictures: int
    with_somebody: int
    with_many: int
    people: int

    def sentence(self) -> str:
        return (
            f"{self.with_somebody} of {self.pictures} pictures without people have somebody "
            f"({self.people} people), {self.with_many} somebody of {MANY_PARTS} or more parts"
        )


def count_nobody(
    folder: Path, candidate: Candidate, each: Callable[[int], None] = lambda people: None
) -> Nobody:
    """Runs the candidate on a folder of pictures, or reads a folder of OpenPose's JSON files."""
    files = len(list(folder.glob(f"*{ENDING}")))
    if files:
        found = read_openpose_folder(folder, None, candidate.flags["model_pose"])
        return _count(found, files)
    from openpose_py.evaluate.run_model import ready, run_model

    found = run_model(candidate, ready(candidate, folder), None, each)
    return _count(found, len(found.pictures))


def _count(found: Found, pictures: int) -> Nobody:
    crowded = [one for one in found.pictures.values() if len(one.scores)]
    parts = [int((one.keypoints[..., 2] > 0).sum(1).max()) for one in crowded]
    return Nobody(
        pictures=pictures,
        with_somebody=len(crowded),
        with_many=sum(count >= MANY_PARTS for count in parts),
        people=sum(len(one.scores) for one in crowded),
    )
