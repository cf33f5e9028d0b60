"""Stage 1 of 5: the right source of frames for what the user named."""

from pathlib import Path

from openpose_py.errors import InputError, nearest
from openpose_py.stages.frames.picture_folder import PictureFolder
from openpose_py.stages.frames.source import FrameRange, Source
from openpose_py.stages.frames.video import Video


def open_source(*, image_dir: str, video: str, wanted: FrameRange) -> Source:
    """The source of exactly one of `image_dir` and `video`; the other is an empty string."""
    if image_dir:
        return PictureFolder(_existing_folder(image_dir), wanted)
    return Video(_existing_file(video), wanted)


def _existing_folder(given: str) -> Path:
    path = Path(given)
    where = f"--image_dir {given}"
    if path.is_dir():
        return path
    if path.exists():
        hint = f"for a video: --video {given}; for pictures: --image_dir {path.parent}"
        raise InputError("is a file, not a folder of pictures", where=where, hint=hint)
    raise InputError("there is no such folder", where=where, hint=_what_is_there(path))


def _existing_file(given: str) -> Path:
    path = Path(given)
    where = f"--video {given}"
    if "://" in given:
        hint = "for a camera or a stream: --ip_camera ADDRESS"
        raise InputError("is an address, not a file", where=where, hint=hint)
    if path.is_dir():
        hint = f"for a folder of pictures: --image_dir {given}"
        raise InputError("is a folder, not a video", where=where, hint=hint)
    if not path.exists():
        raise InputError("there is no such file", where=where, hint=_what_is_there(path))
    return path


def _what_is_there(missing: Path) -> str:
    """A hint: the nearest name in the folder of `missing`, or how far the path leads."""
    folder = missing.parent
    if not folder.is_dir():
        return f"{folder} is not there either"
    try:
        return nearest(missing.name, [entry.name for entry in folder.iterdir()])
    except OSError as problem:
        return f"{folder} cannot be listed: {problem.strerror}"
