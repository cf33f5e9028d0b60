"""What is done with results in their order, between people and pictures."""

import dataclasses
from collections.abc import Iterable, Iterator

from openpose_py.face_hand import FaceHand
from openpose_py.multi_view import cameras_of_views, projections_of, views_of
from openpose_py.pipeline import Step
from openpose_py.records import Frame, Result
from openpose_py.settings import Settings
from openpose_py.stages.people.person_ids import numbered
from openpose_py.stages.people.smooth import OFF, SmoothOptions, smoothed
from openpose_py.stages.people.track_many import tracked
from openpose_py.stages.people.track_one import followed, network_wanted
from openpose_py.stages.people.views import ViewJoiner
from openpose_py.zoo.skeletons import Skeleton


def steps_of(settings: Settings, face_hand: FaceHand | None, skeleton: Skeleton) -> dict[str, Step]:
    """The steps that the flags ask for, by name, in their order. Made anew for every run.

    skeleton: of the people.
    """
    steps: dict[str, Step] = {}
    if settings.tracking >= 0:
        steps["tracking"] = followed
    if settings.identification:
        steps["identification"] = numbered
    elif settings.track or settings.smooth != OFF:
        steps["track"] = tracked(skeleton, settings.write_video_fps)
    if settings.smooth != OFF:
        steps["smooth"] = smoothed(smooth_options(settings))
    if face_hand:
        steps["face and hand"] = with_faces_and_hands(face_hand)
    if settings.three_d:
        views = views_of(settings)
        cameras = cameras_of_views(settings.camera_parameter_path, views)
        steps["3d"] = ViewJoiner(projections_of(cameras), settings.three_d_min_views).joined
    return steps


def smooth_options(settings: Settings) -> SmoothOptions:
    return SmoothOptions(
        settings.smooth,
        settings.max_gap,
        settings.number_people_max,
        settings.write_video_fps,
        settings.keypoint_scale,
    )


def with_faces_and_hands(face_hand: FaceHand) -> Step:
    def step(results: Iterable[Result]) -> Iterator[Result]:
        for result in results:
            faces, hands = face_hand.faces_and_hands(result.frame, result.people)
            yield dataclasses.replace(result, faces=faces, hands=hands)

    return step


class NetworkRhythm:
    """Which frames the body network sees: with --tracking n every (n + 1)-th time step."""

    def __init__(self, tracking: int) -> None:
        self._tracking = tracking
        self._step = -1

    def wanted(self, frame: Frame) -> bool:
        """To be asked once for every frame, in their order."""
        if frame.view == 0:
            self._step += 1
        return network_wanted(self._step, self._tracking)
