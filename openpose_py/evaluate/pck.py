"""PCK: the share of annotated points that were found near enough; a missing point is wrong."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from openpose_py.evaluate.keypoint_sets import KeypointSet, Length, columns_of, in_set
from openpose_py.evaluate.people import Found, GroundTruth, TruePicture


@dataclasses.dataclass(frozen=True)
class Pck:
    """right, labelled: int64 (points,) of the set. people: how many had a yardstick; without:
    annotated people who had none. total: over all points but those the convention leaves out.
    columns: what is published beside it."""

    name: str
    right: np.ndarray
    labelled: np.ndarray
    people: int
    without: int
    total: float
    columns: dict[str, float] = dataclasses.field(default_factory=dict)

    @property
    def shares(self) -> np.ndarray:
        """float64 (points,), NaN where no point is labelled."""
        with np.errstate(invalid="ignore"):
            return self.right / self.labelled


def pck(truth: GroundTruth, found: Found, wanted: KeypointSet, length: Length) -> Pck:
    """One convention over all pictures.

    Every annotated person is compared with the found person that fits best; nobody is used twice.
    """
    right = np.zeros(len(wanted.points), np.int64)
    labelled = np.zeros(len(wanted.points), np.int64)
    people = without = 0
    for one in _by_picture(truth, found, wanted, length):
        right += one.right.sum(0)
        labelled += one.labelled.sum(0)
        people += len(one.labelled)
        without += one.without
    counts = np.array([point not in length.not_in_total for point in wanted.points])
    total = right[counts].sum() / labelled[counts].sum() if labelled[counts].any() else np.nan
    columns = _columns(right, labelled, wanted, length)
    return Pck(length.name, right, labelled, people, without, float(total), columns)


def _columns(
    right: np.ndarray, labelled: np.ndarray, wanted: KeypointSet, length: Length
) -> dict[str, float]:
    found = {}
    for name, points in length.columns.items():
        rows = [wanted.points.index(point) for point in points]
        with np.errstate(invalid="ignore"):
            shares = right[rows] / labelled[rows]
        pooled = right[rows].sum() / labelled[rows].sum() if labelled[rows].any() else np.nan
        found[name] = float(pooled if name in length.pooled else shares.mean())
    return found


def pck_by_picture(
    truth: GroundTruth, found: Found, wanted: KeypointSet, length: Length
) -> list[float]:
    """The share of right points of each picture, NaN where nothing is labelled."""
    return [
        float(one.right.sum() / one.labelled.sum()) if one.labelled.any() else np.nan
        for one in _by_picture(truth, found, wanted, length)
    ]


@dataclasses.dataclass(frozen=True)
class _Judged:
    """right, labelled: bool (people with a yardstick, points). without: people who have none."""

    right: np.ndarray
    labelled: np.ndarray
    without: int


def _by_picture(
    truth: GroundTruth, found: Found, wanted: KeypointSet, length: Length
) -> Iterator[_Judged]:
    columns = columns_of(truth.points, wanted)
    for picture in truth.pictures:
        keypoints = in_set(found.of(picture.id).keypoints, found.parts, wanted)
        yield _judge(picture, keypoints, columns, wanted, length)


def _judge(
    picture: TruePicture,
    found: np.ndarray,
    columns: list[int],
    wanted: KeypointSet,
    length: Length,
) -> _Judged:
    people = picture.people
    true = people.keypoints[:, columns]
    annotated = (true[..., 2] > 0).any(1) & ~people.crowd
    yardsticks = _yardsticks(true, people.heads, wanted, length)
    used = annotated & (yardsticks > 0)
    true, yardsticks = true[used], yardsticks[used]
    labelled = true[..., 2] > 0
    apart = np.linalg.norm(true[:, None, :, :2] - found[None, :, :, :2], axis=-1)
    near = apart <= length.share * yardsticks[:, None, None]
    right = near & labelled[:, None] & (found[None, ..., 2] > 0)
    return _Judged(_best_fit(right, apart, labelled), labelled, int((annotated & ~used).sum()))


def _yardsticks(
    true: np.ndarray, heads: np.ndarray, wanted: KeypointSet, length: Length
) -> np.ndarray:
    """(people,) pixels, NaN where an end is not labelled and there is no head box."""
    start, stop = (_end(true, end, wanted) for end in length.ends)
    between = np.linalg.norm(start - stop, axis=1)
    if not length.head_box:
        return between
    return np.where(np.isnan(heads), between, length.head_box * heads)


def _end(true: np.ndarray, end: str, wanted: KeypointSet) -> np.ndarray:
    """(people, 2): a point, or the middle of several; NaN where one is not labelled."""
    columns = [wanted.points.index(name) for name in end.split("+")]
    middle = true[:, columns, :2].mean(1)
    middle[(true[:, columns, 2] <= 0).any(1)] = np.nan
    return middle


def _best_fit(right: np.ndarray, apart: np.ndarray, labelled: np.ndarray) -> np.ndarray:
    """bool (true people, points). right, apart: (true people, found people, points).

    The pair with the most right points comes first, of equal ones the nearer; then the next.
    """
    best = np.zeros(labelled.shape, bool)
    hits = right.sum(2)
    distance = (apart * labelled[:, None]).sum(2)
    rows, columns = np.indices(hits.shape)
    order = np.lexsort((distance.ravel(), -hits.ravel()))
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    for row, column in zip(rows.ravel()[order], columns.ravel()[order], strict=True):
        if row not in taken_rows and column not in taken_columns:
            best[row] = right[row, column]
            taken_rows.add(row)
            taken_columns.add(column)
    return best
