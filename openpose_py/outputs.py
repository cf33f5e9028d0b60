"""Which writers the flags ask for."""

import contextlib
import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.multi_view import SideBySide, inputs_named, views_of
from openpose_py.records import Result
from openpose_py.settings import Settings
from openpose_py.stages.people.map_parts import skeleton_wanted
from openpose_py.stages.people.split_whole_body import shares_of
from openpose_py.stages.writers.alphapose_json import AlphaPoseJson
from openpose_py.stages.writers.coco_json import CocoJson
from openpose_py.stages.writers.heat_map_files import HeatMapFiles
from openpose_py.stages.writers.image_files import ImageFiles
from openpose_py.stages.writers.json_people import JsonPeople
from openpose_py.stages.writers.keypoint_storage import KeypointStorage
from openpose_py.stages.writers.map_files import MapFiles
from openpose_py.stages.writers.video_file import VideoFile
from openpose_py.stages.writers.whole_file import output_folder
from openpose_py.stages.writers.writer import Writer
from openpose_py.zoo.cards import ModelCard
from openpose_py.zoo.coco_orders import coco_orders, orders_of
from openpose_py.zoo.skeletons import Skeleton, read_skeleton


class Outputs:
    """All writers of one run as one."""

    def __init__(self, writers: Iterable[Writer]) -> None:
        self._writers = list(writers)

    def write(self, result: Result) -> None:
        for writer in self._writers:
            writer.write(result)

    def close(self) -> None:
        """Completes every file, also when one of them fails; the first error is raised."""
        with contextlib.ExitStack() as stack:
            for writer in self._writers:
                stack.callback(writer.close)


class Whole:
    """A writer that wants all points of a skeleton together, also where --face and --hand have had
    them shared out."""

    def __init__(self, writer: Writer, skeleton: Skeleton) -> None:
        self._writer, self._skeleton = writer, skeleton

    def write(self, result: Result) -> None:
        people, parts = result.people, self._skeleton.parts
        if people.keypoints.shape[1] != len(parts):
            fields = (
                people.keypoints,
                result.faces,
                *(() if result.hands is None else result.hands),
            )
            keypoints = np.zeros((len(people), len(parts), 3), np.float32)
            for columns, points in zip(shares_of(parts), fields, strict=True):
                keypoints[:, columns] = points
            people = dataclasses.replace(people, keypoints=keypoints)
        self._writer.write(dataclasses.replace(result, people=people))

    def close(self) -> None:
        self._writer.close()


def open_outputs(settings: Settings, fps: float | None, card: ModelCard) -> Outputs:
    """The writers of the --write_ flags, in OpenPose's order; folders are made here."""
    writers: list[Writer] = []
    skeleton = read_skeleton(card.skeleton)
    if settings.keypoints:
        skeleton = skeleton_wanted(settings.keypoints, skeleton)
    if settings.write_keypoint:
        folder = output_folder(settings.write_keypoint)
        form, views = settings.write_keypoint_format, views_of(settings)
        writers.append(KeypointStorage(folder, form, views))
    if settings.write_json:
        writers.append(JsonPeople(output_folder(settings.write_json)))
    if settings.write_coco_json:
        path, variants = Path(settings.write_coco_json), settings.write_coco_json_variants
        writers.append(Whole(CocoJson(path, variants, skeleton.name), skeleton))
    if settings.write_wholebody_json:
        writers.append(_whole_body(Path(settings.write_wholebody_json), skeleton))
    if settings.write_alphapose:
        style = settings.alphapose_format
        alphapose = AlphaPoseJson(Path(settings.write_alphapose), style, skeleton)
        writers.append(Whole(alphapose, skeleton))
    if settings.write_images:
        folder = output_folder(settings.write_images)
        writers.append(ImageFiles(folder, settings.write_images_format))
    if settings.write_video:
        writers.append(_video(settings, fps))
    if settings.write_heatmaps:
        folder = output_folder(settings.write_heatmaps)
        writers.append(HeatMapFiles(folder, settings.write_heatmaps_format))
    if settings.write_maps:
        writers.append(MapFiles(output_folder(settings.write_maps), card.name))
    return Outputs(writers)


def _whole_body(path: Path, skeleton: Skeleton) -> Writer:
    (order,) = (one for one in coco_orders() if one.blocks)
    if order not in orders_of(skeleton):
        raise UsageError(f"{skeleton.name} has no feet, face and hands to write",
                         where="--write_wholebody_json",
                         hint="use a model of BODY_135, WHOLEBODY_133 or HALPE_136")  # fmt: skip
    return Whole(CocoJson(path, order.bit, skeleton.name), skeleton)


def _video(settings: Settings, fps: float | None) -> Writer:
    audio = None
    if settings.write_video_with_audio:
        audio = Path(inputs_named(settings.video)[0])
    video = VideoFile(Path(settings.write_video), _video_fps(settings, fps), audio)
    views = views_of(settings)
    return SideBySide(video, views) if views > 1 else video


def _video_fps(settings: Settings, fps: float | None) -> float:
    """The wanted rate, or the source's; skipped frames do not make the video faster."""
    if settings.write_video_fps > 0:
        return settings.write_video_fps
    if fps is None:
        raise UsageError(
            "the input has no frame rate", where="--write_video",
            hint="add --write_video_fps, for example --write_video_fps 30",
        )  # fmt: skip
    return fps / settings.frame_step
