"""Stage 3 of 5: people -> people. Results of several views of one time step -> the same, in 3-D."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.records import Result
from openpose_py.stages.people.triangulate import (
    default_min_views,
    enough_to_locate,
    triangulate,
)


class ViewJoiner:
    """Fills the 3-D fields: the same ones in every view, from the first person of each view.

    projections: (views, 3, 4), intrinsics * extrinsics of each view, in the order of the views.
    min_views: how many must see a point; below 0: OpenPose's choice for that number of views.
    """

    def __init__(self, projections: np.ndarray, min_views: int = -1) -> None:
        views = len(projections)
        if views < 2:
            raise UsageError(
                "needs at least two views", where="--3d",
                hint="--3d_views N, and N camera files in --camera_parameter_path",
            )  # fmt: skip
        self._min_views = default_min_views(views) if min_views < 0 else min_views
        if not 2 <= self._min_views <= views:
            raise UsageError(
                f"must be 2 to {views}, the number of views, got {min_views}",
                where="--3d_min_views", hint="leave it out for the usual number",
            )  # fmt: skip
        self._projections = projections

    def joined(self, results: Iterable[Result]) -> Iterator[Result]:
        """Results in order, `views` of each time step one after another."""
        step: list[Result] = []
        for result in results:
            step.append(result)
            if len(step) == len(self._projections):
                yield from self.join(step)
                step = []
        yield from step

    def join(self, step: Sequence[Result]) -> list[Result]:
        """One time step, a result a view."""
        pose_3d = self._person_3d(step, [result.people.keypoints for result in step])
        faces = [result.faces for result in step if result.faces is not None]
        face_3d = self._person_3d(step, faces) if len(faces) == len(step) else None
        hands = [result.hands for result in step if result.hands is not None]
        hands_3d = self._hands_3d(step, hands) if len(hands) == len(step) else None
        return [
            dataclasses.replace(result, pose_3d=pose_3d, face_3d=face_3d, hands_3d=hands_3d)
            for result in step
        ]

    def _hands_3d(self, step: Sequence[Result], hands: Sequence[np.ndarray]) -> np.ndarray:
        """float32 (2, 1 or 0, 21, 4), left first; a hand that is not there is 0."""
        left, right = (self._person_3d(step, [hand[side] for hand in hands]) for side in (0, 1))
        if len(left) == len(right):
            return np.stack([left, right])
        nothing = np.zeros_like(left if len(left) else right)
        return np.stack([left if len(left) else nothing, right if len(right) else nothing])

    def _person_3d(self, step: Sequence[Result], keypoints: Sequence[np.ndarray]) -> np.ndarray:
        """float32 (1, parts, 4); (0, parts, 4) where too few views see any part of a person.

        keypoints: of each view, (people, parts, 3) in frame pixels.
        """
        parts = keypoints[0].shape[1]
        points = np.zeros((len(step), parts, 3), np.float32)
        for view, people in enumerate(keypoints):
            points[view : view + 1] = people[:1] if len(people) else 0
        sizes = [result.frame.size for result in step]
        if not enough_to_locate(points, sizes, self._min_views):
            return np.zeros((0, parts, 4), np.float32)
        return triangulate(points, self._projections, sizes, self._min_views)[None]
