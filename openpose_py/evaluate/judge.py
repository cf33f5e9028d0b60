"""All figures of one candidate: which sets apply, and what it reaches in each."""

import dataclasses
import math

from openpose_py.errors import InputError
from openpose_py.evaluate.coco_ap import Figures, coco_figures
from openpose_py.evaluate.keypoint_sets import KeypointSet, all_sets, lacking, sets_in
from openpose_py.evaluate.pairs import pairs_of
from openpose_py.evaluate.pck import Pck, pck, pck_by_picture
from openpose_py.evaluate.people import Found, GroundTruth


@dataclasses.dataclass(frozen=True)
class Judgement:
    """figures: COCO's by the set's name. pcks: one a convention, by the set's name.

    lacking: points of each set that the candidate's skeleton has not. notes: what to know.
    """

    name: str
    pictures: int
    people: int
    figures: dict[str, Figures]
    pcks: dict[str, list[Pck]]
    lacking: dict[str, list[str]]
    notes: tuple[str, ...]

    @property
    def main(self) -> float:
        """The one figure by which candidates are ranked: AP of the first set, else PCK."""
        for figures in self.figures.values():
            return figures.ap
        return next(iter(self.pcks.values()))[0].total


def judge(truth: GroundTruth, found: Found) -> Judgement:
    """Every set that the ground truth has and of which the candidate has half the points."""
    figures: dict[str, Figures] = {}
    pcks: dict[str, list[Pck]] = {}
    missing: dict[str, list[str]] = {}
    notes = list(found.notes)
    for one in _sets(truth):
        lost = lacking(found.parts, one)
        if len(lost) > len(one.points) / 2:
            notes.append(f"{one.title}: not judged, the model lacks {len(lost)} of its points")
            continue
        if lost:
            missing[one.name] = lost
        if one.sigmas is not None:
            figures[one.name] = coco_figures(pairs_of(truth, found, one), one.sigmas)
        if one.lengths:
            pcks[one.name] = [pck(truth, found, one, length) for length in one.lengths]
    if not figures and not pcks:
        raise InputError(f"{found.name} and it have too few points in common", where=truth.where)
    people = sum(len(found.of(picture.id).scores) for picture in truth.pictures)
    return Judgement(
        found.name, len(truth.pictures), people, figures, pcks, missing, tuple(notes)
    )  # fmt: skip


def _sets(truth: GroundTruth) -> list[KeypointSet]:
    found = sets_in(truth.points)
    if not found:
        names = ", ".join(all_sets())
        raise InputError("its keypoints are none of the sets that are known", where=truth.where,
                         hint=f"known: {names}")  # fmt: skip
    return found


def by_picture(truth: GroundTruth, found: Found) -> list[float]:
    """The main figure of each picture alone, NaN where nobody counts."""
    first = _sets(truth)[0]
    if first.sigmas is None:
        return pck_by_picture(truth, found, first, first.lengths[0])
    pairs = pairs_of(truth, found, first)
    return [coco_figures([pair], first.sigmas).ap for pair in pairs]


def worst_pictures(first: list[float], second: list[float], count: int) -> list[int]:
    """Pictures in which the second falls behind the first the most; of equal ones the worst."""
    known = [n for n, pair in enumerate(zip(first, second, strict=True)) if not _unknown(pair)]
    return sorted(known, key=lambda n: (second[n] - first[n], second[n]))[:count]


def _unknown(pair: tuple[float, float]) -> bool:
    return math.isnan(pair[0]) or math.isnan(pair[1])
