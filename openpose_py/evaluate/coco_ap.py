"""COCO's keypoint figures: OKS, matching, average precision and recall, as pycocotools has them."""

import dataclasses
from collections.abc import Sequence

import numpy as np

THRESHOLDS = np.linspace(0.5, 0.95, 10)  # of OKS
RECALLS = np.linspace(0.0, 1.0, 101)  # at which precision is read
MOST_FOUND = 20  # people a picture that count, the surest
AREAS = {"all": (0.0, 1e10), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}  # pixels
ALMOST_ONE = 1 - 1e-10


@dataclasses.dataclass(frozen=True)
class Pair:
    """One picture of one keypoint set.

    true: float64 (true people, points, 3): x, y, 0 if unlabelled. boxes: (true people, 4):
    x, y, width, height. areas: (true people,). crowd, ignored: bool (true people,); who is
    ignored neither counts nor makes whoever matches count.
    found: float64 (found people, points, 3). found_areas: (found people,): of their boxes.
    scores: (found people,).
    """

    true: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray
    ignored: np.ndarray
    found: np.ndarray
    found_areas: np.ndarray
    scores: np.ndarray


@dataclasses.dataclass(frozen=True)
class Figures:
    """COCO's ten figures; NaN where no annotated person is of that kind."""

    ap: float
    ap_50: float
    ap_75: float
    ap_medium: float
    ap_large: float
    ar: float
    ar_50: float
    ar_75: float
    ar_medium: float
    ar_large: float


@dataclasses.dataclass(frozen=True)
class Matched:
    """One picture and one range of areas. scores: (found,), falling. matched, ignored: bool
    (thresholds, found). counted: how many annotated people count."""

    scores: np.ndarray
    matched: np.ndarray
    ignored: np.ndarray
    counted: int


def coco_figures(pairs: Sequence[Pair], sigmas: np.ndarray) -> Figures:
    """Precision and recall over all pictures; equal scores keep the order of `pairs`."""
    surest = [_surest(pair) for pair in pairs]
    all_oks = [oks(pair, sigmas) for pair in surest]
    curves = {
        name: _curves([_match(*each, limits) for each in zip(surest, all_oks, strict=True)])
        for name, limits in AREAS.items()
    }
    precision, recall = curves["all"]
    middle = len(THRESHOLDS) // 2  # 0.75
    return Figures(
        float(precision.mean()), float(precision[0].mean()), float(precision[middle].mean()),
        float(curves["medium"][0].mean()), float(curves["large"][0].mean()),
        float(recall.mean()), float(recall[0]), float(recall[middle]),
        float(curves["medium"][1].mean()), float(curves["large"][1].mean()),
    )  # fmt: skip


def _surest(pair: Pair) -> Pair:
    order = np.argsort(-pair.scores, kind="stable")[:MOST_FOUND]
    return dataclasses.replace(
        pair, found=pair.found[order], found_areas=pair.found_areas[order],
        scores=pair.scores[order],
    )  # fmt: skip


def extent(found: np.ndarray) -> np.ndarray:
    """float64 (people,): area of the box around all points (people, points, 3); points that were
    not found stand at 0, 0 and count, as in COCO's loading of results."""
    if not len(found):
        return np.zeros(0)
    width_height = found[..., :2].max(1) - found[..., :2].min(1)
    return width_height[:, 0] * width_height[:, 1]


def oks(pair: Pair, sigmas: np.ndarray) -> np.ndarray:
    """float64 (found, true): similarity, 1 for equal poses.

    A person without a labelled point is compared by how far the found points lie outside twice
    their box, point by point.
    """
    spread = (sigmas * 2) ** 2
    table = np.zeros((len(pair.found), len(pair.true)))
    xs, ys = pair.found[..., 0], pair.found[..., 1]
    for number, true in enumerate(pair.true):
        labelled = true[:, 2] > 0
        if labelled.any():
            dx, dy = xs - true[:, 0], ys - true[:, 1]
        else:
            x, y, width, height = pair.boxes[number]
            dx, dy = _outside(xs, x, width), _outside(ys, y, height)
            labelled = np.ones(len(true), bool)
        error = (dx**2 + dy**2) / spread / (pair.areas[number] + np.spacing(1)) / 2
        # a copy in rows is summed in the order that pycocotools sums it
        likeness = np.ascontiguousarray(np.exp(-error[:, labelled]))
        table[:, number] = likeness.sum(1) / labelled.sum()
    return table


def _outside(values: np.ndarray, start: float, length: float) -> np.ndarray:
    """How far `values` lie outside the interval of three lengths around (start, length)."""
    low, high = start - length, start + length * 2
    return np.maximum(0, low - values) + np.maximum(0, values - high)


def _match(pair: Pair, likeness: np.ndarray, limits: tuple[float, float]) -> Matched:
    """Each found person, the surest first, takes the annotated person that is most alike.

    People who count come before ignored ones; a crowd can be taken again and again. Of equal
    likeness the last one is taken.
    """
    off_size = (pair.areas < limits[0]) | (pair.areas > limits[1])
    ignored = pair.ignored | off_size
    order = np.argsort(ignored, kind="stable")
    counted = int((~ignored).sum())
    likeness, crowd = likeness[:, order], pair.crowd[order]
    wanted = np.minimum(THRESHOLDS, ALMOST_ONE)[:, None]
    free = np.ones((len(THRESHOLDS), len(order)), bool)
    shape = (len(THRESHOLDS), len(pair.found))
    matched, excused = np.zeros(shape, bool), np.zeros(shape, bool)
    rows = np.arange(len(THRESHOLDS))
    for number in range(len(pair.found)):
        alike = np.where((free | crowd) & (likeness[number] >= wanted), likeness[number], -1.0)
        regular, other = _last_best(alike[:, :counted]), _last_best(alike[:, counted:])
        taken = np.where(regular >= 0, regular, np.where(other >= 0, counted + other, -1))
        hit = taken >= 0
        free[rows[hit], taken[hit]] = False
        matched[:, number] = hit
        excused[:, number] = taken >= counted
    odd = (pair.found_areas < limits[0]) | (pair.found_areas > limits[1])
    return Matched(pair.scores, matched, excused | (~matched & odd), counted)


def _last_best(alike: np.ndarray) -> np.ndarray:
    """(rows,): the last column with the largest value of each row, -1 where none is above -1."""
    rows, columns = alike.shape
    if not columns:
        return np.full(rows, -1)
    last = columns - 1 - alike[:, ::-1].argmax(1)
    return np.where(alike[np.arange(rows), last] >= 0, last, -1)


def _curves(pictures: Sequence[Matched]) -> tuple[np.ndarray, np.ndarray]:
    """precision float64 (thresholds, recalls) and the recall reached (thresholds,); NaN if nobody
    counts. Precision at a recall is the best that this or any higher recall has."""
    people = sum(picture.counted for picture in pictures)
    if not people:
        return (
            np.full((len(THRESHOLDS), len(RECALLS)), np.nan),
            np.full(len(THRESHOLDS), np.nan),
        )
    order = np.argsort(-np.concatenate([one.scores for one in pictures]), kind="stable")
    matched = np.concatenate([one.matched for one in pictures], axis=1)[:, order]
    ignored = np.concatenate([one.ignored for one in pictures], axis=1)[:, order]
    right = np.cumsum(matched & ~ignored, axis=1, dtype=np.float64)
    wrong = np.cumsum(~matched & ~ignored, axis=1, dtype=np.float64)
    precision = np.zeros((len(THRESHOLDS), len(RECALLS)))
    if not len(order):
        return precision, np.zeros(len(THRESHOLDS))
    falling = right / (wrong + right + np.spacing(1))
    falling = np.maximum.accumulate(falling[:, ::-1], axis=1)[:, ::-1]
    recall = right / people
    for row, reached in enumerate(recall):
        at = np.searchsorted(reached, RECALLS, side="left")
        inside = at < len(order)
        precision[row, inside] = falling[row, at[inside]]
    return precision, recall[:, -1]
