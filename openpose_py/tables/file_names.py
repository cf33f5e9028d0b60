"""What the name of a JSON file says: of which video it is, and which frame.

`walk_000000000007_keypoints.json` is frame 7 of `walk`; of another numbering the video keeps the
pattern (`photo%04d`), so that each name can be made again; without a number the frame is None.
Further cameras (`walk_000000000007_keypoints_1.json`) are videos of their own, `walk@1`.
"""

import os
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openpose_py.errors import InputError
from openpose_py.stages.writers.json_people import ENDING

NAME = re.compile(r"(?P<stem>.*)_keypoints(?:_(?P<view>[1-9][0-9]*))?\.json", re.DOTALL)
NUMBERED = re.compile(r"(?P<before>.*?)(?P<digits>[0-9]{1,18})", re.DOTALL)
PATTERN = re.compile(r"(?P<before>.*)%0(?P<width>[0-9]+)d", re.DOTALL)
OF_A_VIEW = re.compile(r"(?P<video>.*)@(?P<view>[1-9][0-9]*)", re.DOTALL)
WIDTH = 12  # digits of a frame's number, as OpenPose writes them


class KeypointFile(NamedTuple):
    video: str
    frame: int | None
    path: str


def keypoint_files(folder: Path) -> Iterator[KeypointFile]:
    """All of a folder, then of its sub folders; frames of a video in order. A file is eight bytes
    in memory while its folder is being read."""
    found = _files_below(str(folder), "")
    first = next(found, None)
    if first is None:
        raise InputError(f"has no file *{ENDING}", where=str(folder))
    yield first
    yield from found


def _files_below(folder: str, above: str) -> Iterator[KeypointFile]:
    """above: what stands before a video's name, as `2024/monday/`."""
    videos, folders = _content(folder)
    for video, frames in sorted(videos.items()):
        numbers: list[int | None] = list(sorted(frames)) or [None]
        for frame in numbers:
            yield KeypointFile(f"{above}{video}", frame, f"{folder}/{file_name(video, frame)}")
    for name in sorted(folders):
        yield from _files_below(f"{folder}/{name}", f"{above}{name}/")


def _content(folder: str) -> tuple[dict[str, "array[int]"], list[str]]:
    """The videos of a folder with the numbers of their frames, and its sub folders."""
    videos: dict[str, array[int]] = {}
    folders = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                split = video_and_frame(entry.name)
                if split is not None:
                    frames = videos.setdefault(split[0], array("q"))
                    if split[1] is not None:
                        frames.append(split[1])
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
    except OSError as problem:
        what = f"cannot be read: {problem.strerror or problem}"
        raise InputError(what, where=folder) from problem
    return videos, folders


def video_and_frame(name: str) -> tuple[str, int | None] | None:
    """What a file name says; None: not one of OpenPose's."""
    match = NAME.fullmatch(name)
    if match is None:
        return None
    view = f"@{match['view']}" if match["view"] else ""
    numbered = NUMBERED.fullmatch(match["stem"])
    if numbered is None:
        return f"{match['stem']}{view}", None
    before, digits = numbered["before"], numbered["digits"]
    plain = before.removesuffix("_")
    if len(digits) != WIDTH or plain == before or _special(plain):
        plain = f"{before}%0{len(digits)}d"
    return f"{plain}{view}", int(digits)


def _special(video: str) -> bool:
    """Whether the name of a video would be read as a pattern or a view."""
    return bool(PATTERN.fullmatch(video) or OF_A_VIEW.fullmatch(video))


def file_name(video: str, frame: int | None) -> str:
    """The name from which `video_and_frame` read these; folders before the video stay."""
    view = OF_A_VIEW.fullmatch(video)
    video, ending = (view["video"], f"_keypoints_{view['view']}.json") if view else (video, ENDING)
    if frame is None:
        return f"{video}{ending}"
    pattern = PATTERN.fullmatch(video)
    if pattern is None:
        return f"{video}_{frame:0{WIDTH}d}{ending}"
    return f"{pattern['before']}{frame:0{int(pattern['width'])}d}{ending}"
