"""Which writers the flags ask for."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from openpose_py.errors import UsageError
from openpose_py.multi_view import SideBySide, inputs_named, views_of
from openpose_py.records import Result
from openpose_py.settings import Settings
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


def open_outputs(settings: Settings, fps: float | None, card: ModelCard) -> Outputs:
    """The writers of the --write_ flags, in OpenPose's order; folders are made here."""
    writers: list[Writer] = []
    if settings.write_keypoint:
        folder = output_folder(settings.write_keypoint)
        writers.append(KeypointStorage(folder, settings.write_keypoint_format))
    if settings.write_json:
        writers.append(JsonPeople(output_folder(settings.write_json)))
    if settings.write_coco_json:
        path, variants = Path(settings.write_coco_json), settings.write_coco_json_variants
        writers.append(CocoJson(path, variants, card.skeleton))
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
