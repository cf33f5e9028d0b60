"""Stage 3 of 5: people -> people. `--3d`: one person's points of several views in space.

The rules are those of 3d/poseTriangulation.cpp and 3d/poseTriangulationPrivate.cpp. Where points
are far off, OpenPose refines them only if it was built with Ceres; here it is always done. OpenPose
loses a point of three views if one of them disagrees; here two that clearly agree are enough.
"""

from collections.abc import Sequence

import numpy as np

from openpose_py.records import Size

SURE = 0.35  # score that a point must exceed to be used
BORDER = 8  # pixels; what lies nearer to it is probably a part outside of the picture
MAX_ERROR = 25.0  # pixels of a picture of 1280 x 1024
MAX_ERROR_AREA = 1310720.0
TIMES_THE_MEAN = 5  # a point so much worse than the mean of its frame is dropped
ENOUGH_TO_LEAVE_ONE_OUT = 4  # views
CLEARLY = 0.25  # of the error of the second best pair, if two of three views shall do
HUBER = 2.0  # pixels
REFINED_ABOVE = 3.0  # pixels; points that are better do not gain
ITERATIONS = 30
FIRST_DAMPING = 1e-3


def triangulate(
    points: np.ndarray, projections: np.ndarray, frame_sizes: Sequence[Size], min_views: int
) -> np.ndarray:
    """float32 (parts, 4): x, y, z in the unit of the cameras, and 1; 0, 0, 0, 0 if not found.

    points: (views, parts, 3), x, y, score in frame pixels. projections: (views, 3, 4), intrinsics *
    extrinsics. A part must be seen in `min_views` views, surely and away from the border.
    """
    seen = _seen(points, frame_sizes)
    wanted = np.flatnonzero(seen.sum(1) >= min_views)
    found = np.zeros((points.shape[1], 4), np.float32)
    if len(wanted) == 0:
        return found
    width, height = frame_sizes[0]
    limit = MAX_ERROR * np.sqrt(width * height / MAX_ERROR_AREA)
    xy = points[:, wanted, :2].astype(np.float64).swapaxes(0, 1)
    xyz, errors = _located(xy, projections.astype(np.float64), seen[wanted], limit, min_views)
    finite = np.isfinite(errors) & np.isfinite(xyz).all(1)
    if finite.any():
        mean = errors[finite].mean()
        kept = finite & (errors < limit) & (errors < TIMES_THE_MEAN * mean)
        found[wanted[kept], :3] = xyz[kept]
        found[wanted[kept], 3] = 1
    return found


def enough_to_locate(points: np.ndarray, frame_sizes: Sequence[Size], min_views: int) -> bool:
    """Whether any part is seen in so many views; arguments as of `triangulate`."""
    return bool((_seen(points, frame_sizes).sum(1) >= min_views).any())


def default_min_views(views: int) -> int:
    """`--3d_min_views -1`."""
    return max(2, min(4, views - 1))


def _seen(points: np.ndarray, frame_sizes: Sequence[Size]) -> np.ndarray:
    """bool (parts, views): which points can be used. points: (views, parts, 3), frame pixels."""
    xy, sizes = points[..., :2], np.array(frame_sizes)[:, None]
    inside = (xy > BORDER).all(-1) & (xy < sizes - BORDER).all(-1)
    return ((points[..., 2] > SURE) & inside).T


def _located(
    xy: np.ndarray, projections: np.ndarray, seen: np.ndarray, limit: float, min_views: int
) -> tuple[np.ndarray, np.ndarray]:
    """xyz (points, 3) and their errors in pixels. xy: (points, views, 2), seen: (points, views)."""
    xyz, errors = _linear(xy, projections, seen)
    seen = seen.copy()
    for point in np.flatnonzero(errors > 0.5 * limit):
        views = seen[point].sum()
        if views >= ENOUGH_TO_LEAVE_ONE_OUT or (
            views == 3 and min_views <= 2 and errors[point] >= limit
        ):
            without = _without_the_worst(xy[point], projections, seen[point], errors[point])
            if without is not None:
                xyz[point], errors[point], seen[point] = without
    rough = (errors > REFINED_ABOVE) & (errors < 1.5 * limit)
    if rough.any():
        xyz[rough] = refined(xyz[rough], xy[rough], projections, seen[rough])
        errors[rough] = _errors(xyz[rough], xy[rough], projections, seen[rough])
    return xyz, errors


def _linear(
    xy: np.ndarray, projections: np.ndarray, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Least squares of x * row 3 - row 1 and y * row 3 - row 2; views not used are rows of 0."""
    rows = xy[..., None] * projections[:, None, 2] - projections[:, :2]
    rows = np.where(seen[..., None, None], rows, 0.0).reshape(len(xy), -1, 4)
    smallest = np.linalg.svd(rows, full_matrices=False)[2][:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):  # parallel rays meet nowhere
        xyz = smallest[:, :3] / smallest[:, 3:]
    return xyz, _errors(xyz, xy, projections, seen)


def _errors(
    xyz: np.ndarray, xy: np.ndarray, projections: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """(points,): mean distance in pixels over the views that are used."""
    distances = np.linalg.norm(_projected(xyz, projections)[0] - xy, axis=-1)
    return np.where(seen, distances, 0.0).sum(1) / seen.sum(1)


def _projected(xyz: np.ndarray, projections: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """xy (points, views, 2) in frame pixels and depth (points, views)."""
    along = np.einsum("vij,nj->nvi", projections[..., :3], xyz) + projections[..., 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        return along[..., :2] / along[..., 2:], along[..., 2]


def _without_the_worst(
    xy: np.ndarray, projections: np.ndarray, seen: np.ndarray, error: float
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """The point from all views but the one whose absence helps most; None if none helps much.

    Any two views agree on some point more or less, so of three the best two must do so clearly.
    """
    views = np.flatnonzero(seen)
    fewer = np.repeat(seen[None], len(views), axis=0)
    fewer[np.arange(len(views)), views] = False
    xyz, errors = _linear(np.repeat(xy[None], len(views), axis=0), projections, fewer)
    order = np.argsort(np.where(np.isfinite(errors), errors, np.inf))
    best = int(order[0])
    if not errors[best] < 0.9 * error:
        return None
    if len(views) == 3:
        second = errors[order[1]]
        if second < REFINED_ABOVE or errors[best] > CLEARLY * second:
            return None
    return xyz[best], errors[best], fewer[best]


def refined(
    xyz: np.ndarray, xy: np.ndarray, projections: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """xyz (points, 3), moved to the least Huber loss of the distances: Levenberg-Marquardt.

    xy: (points, views, 2), frame pixels; seen: bool (points, views).
    """
    damping = np.full(len(xyz), FIRST_DAMPING)
    loss = _huber(xyz, xy, projections, seen)
    for _ in range(ITERATIONS):
        curvature, descent = _normal_equations(xyz, xy, projections, seen)
        diagonal = np.einsum("nii->ni", curvature) * damping[:, None]
        damped = curvature + diagonal[:, :, None] * np.eye(3)
        tried = xyz + (np.linalg.pinv(damped) @ descent[..., None])[..., 0]
        new_loss = _huber(tried, xy, projections, seen)
        better = new_loss < loss
        settled = np.abs(loss - new_loss) <= 1e-9 * loss
        xyz = np.where(better[:, None], tried, xyz)
        loss = np.where(better, new_loss, loss)
        damping *= np.where(better, 0.1, 10.0)
        if settled.all():
            break
    return xyz


def _huber(
    xyz: np.ndarray, xy: np.ndarray, projections: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """(points,): sum over the views of d^2, from 2 pixels on of 4 d - 4."""
    distance = np.linalg.norm(_projected(xyz, projections)[0] - xy, axis=-1)
    loss = np.where(distance <= HUBER, distance**2, 2 * HUBER * distance - HUBER**2)
    return np.where(seen, loss, 0.0).sum(1)


def _normal_equations(
    xyz: np.ndarray, xy: np.ndarray, projections: np.ndarray, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Half the curvature (points, 3, 3) and half the descent (points, 3) of the loss.

    A view beyond 2 pixels pulls with a constant force: it is curved across its direction only.
    """
    there, depth = _projected(xyz, projections)
    missing = xy - there
    slopes = projections[:, :2, :3] - there[..., None] * projections[:, None, 2, :3]
    slopes = slopes / depth[..., None, None]
    distance = np.linalg.norm(missing, axis=-1)
    weights = np.where(seen, HUBER / np.maximum(distance, HUBER), 0.0)
    weighted = slopes * weights[..., None, None]
    beyond = (distance > HUBER) / np.maximum(distance, HUBER)
    along = np.einsum("nvri,nvr->nvi", slopes, missing * beyond[..., None])
    curvature = np.einsum("nvri,nvrj->nij", weighted, slopes)
    curvature -= np.einsum("nvi,nvj,nv->nij", along, along, weights)
    return curvature, np.einsum("nvri,nvr->ni", weighted, missing)
