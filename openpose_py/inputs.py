"""Which source of frames the flags ask for, and what is done to frames before the network."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from openpose_py.errors import UsageError
from openpose_py.flag_values import frames_wanted, size_of
from openpose_py.multi_view import cameras_of_views, open_views, undistorted, views_of
from openpose_py.records import Frame
from openpose_py.settings import Settings
from openpose_py.stages.frames.camera import Camera
from openpose_py.stages.frames.orientation import orient
from openpose_py.stages.frames.real_time import in_real_time
from openpose_py.stages.frames.source import Source
from openpose_py.stages.frames.stream import Stream

LIVE = (Camera, Stream)


def open_input(settings: Settings, path: str | Path | None = None) -> Source:
    """What the flags name, or the video or folder `path`; OpenPose's order, the webcam last."""
    image_dir, video = settings.image_dir, settings.video
    if path is not None:
        folder = Path(path).is_dir()
        image_dir, video = (str(path), "") if folder else ("", str(path))
    wanted = frames_wanted(settings)
    if image_dir or video:
        views = settings.three_d_views
        return open_views(image_dir=image_dir, video=video, views=views, wanted=wanted)
    if settings.frames_repeat:
        raise UsageError("needs --image_dir or --video", where="--frames_repeat")
    if settings.ip_camera:
        return Stream(settings.ip_camera, wanted)
    size = size_of(settings.camera_resolution, "camera_resolution")
    return Camera(settings.camera, size if min(size) > 0 else None, wanted)


def is_live(source: Source) -> bool:
    """Whether only the newest frame matters: then nothing is read ahead."""
    return isinstance(source, LIVE)


def frames_of(source: Source, settings: Settings) -> Iterator[Frame]:
    """The source's frames in real time if asked, then undistorted, rotated, mirrored."""
    frames: Iterator[Frame] = source.frames()
    if settings.process_real_time and not is_live(source):
        if source.fps is None:
            raise UsageError("pictures have no frame rate", where="--process_real_time")
        frames = in_real_time(frames, source.fps)
    if settings.frame_undistort:
        views = views_of(settings)
        frames = undistorted(frames, cameras_of_views(settings.camera_parameter_path, views))
    rotate, flip = settings.frame_rotate, settings.frame_flip
    for frame in frames:
        if rotate or flip:
            frame = dataclasses.replace(frame, pixels=orient(frame.pixels, rotate, flip))
        yield frame
