"""`openpose-py report`: people over time as one file to open in a browser."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpose_py.errors import InputError, UsageError
from openpose_py.report.chunks import Packer, frame_block
from openpose_py.report.page_file import Block, page_text
from openpose_py.report.pictures import (
    VideoFacts,
    address,
    embedded,
    picture_size,
    pictures_of,
    video_facts,
)
from openpose_py.report.read_json import People2D, read_people
from openpose_py.report.shown_skeleton import shown, skeleton_named
from openpose_py.stages.writers.whole_file import growing

VIDEO_FPS, PICTURES_FPS = 30.0, 4.0  # where nothing tells
SCALED = 1.5  # --keypoint_scale 3 to 6 stays below


@dataclasses.dataclass(frozen=True, slots=True)
class ReportOptions:
    """people: folder or file of JSON. video, images: what lies behind; "": nothing. embed: put it
    into the page. fps: 0: the video's. model_pose: "": by the number of parts."""

    people: Path
    output: Path
    video: str = ""
    images: str = ""
    embed: bool = False
    fps: float = 0.0
    model_pose: str = ""


def write_report(options: ReportOptions) -> list[str]:
    """Writes the page; returns what the user should know."""
    page = _Page(options)
    with growing(options.output) as temporary, temporary.open("w", encoding="utf-8") as file:
        for piece in page_text(page.recording.title, page.blocks(), page.facts):
            file.write(piece)
    return page.notices


class _Page:
    """One page on its way: the blocks first, then the facts about them."""

    def __init__(self, options: ReportOptions) -> None:
        self.recording: People2D = read_people(options.people)
        points = self.recording.points
        self._skeleton = shown(skeleton_named(options.model_pose, points[0]), points)
        self._options, self._packer = options, Packer()
        self._video: VideoFacts | None = video_facts(Path(options.video)) if options.video else None
        self._pictures: list[Path] = []
        if options.images:
            if not self.recording.names:
                raise UsageError("the files are those of a video", where="--image_dir",
                                 hint="use --video FILE")  # fmt: skip
            self._pictures = pictures_of(self.recording.names, Path(options.images))
        self.notices = [self._video.notice] if self._video and self._video.notice else []

    def blocks(self) -> Iterator[Block]:
        packer, parts = self._packer, len(self._skeleton["parts"])
        for block in packer.blocks(self.recording.frames(), parts):
            yield {"block": "people"}, block
        if (self._video or self._pictures) and max(packer.extent) < SCALED:
            raise InputError(
                "has coordinates that are not in pixels", where=str(self._options.people),
                hint="run with --keypoint_scale 0, the default",
            )  # fmt: skip
        yield {"block": "frames"}, frame_block(packer.numbers, self._times())
        if not packer.has_ids and packer.rows > len(packer.numbers):
            self.notices.append("no ids in it: people are listed by their place in each file, "
                                "--track gives them ids")  # fmt: skip
        if self._options.embed:
            yield from self._embedded()

    def facts(self) -> dict[str, Any]:
        """Camel case, as the page's scripts read them."""
        packer = self._packer
        return {
            **self._skeleton,
            "title": self.recording.title,
            "live": False,
            "points": list(self.recording.points),
            "frames": len(packer.numbers),
            "rows": packer.rows,
            "hasIds": packer.has_ids,
            "names": list(self.recording.names),
            "fps": self._fps,
            "size": self._size(),
            "video": self._video_source(),
            "pictures": self._picture_sources(),
        }

    @property
    def _fps(self) -> float:
        """Of the video that the frame numbers count."""
        if self._options.fps or self._video:
            return self._options.fps or (self._video.fps if self._video else 0.0)
        return self.recording.fps or (PICTURES_FPS if self.recording.names else VIDEO_FPS)

    def _times(self) -> list[float]:
        known = self._video.times if self._video and not self._options.fps else []
        fps = self._fps
        return [
            known[number] if 0 <= number < len(known) else number / fps if time is None else time
            for number, time in zip(self._packer.numbers, self._packer.times, strict=True)
        ]

    def _size(self) -> list[float]:
        """Width and height of the frames; without pictures what the people need."""
        if self._video:
            return list(self._video.size)
        if self._pictures:
            return list(picture_size(self._pictures[0]))
        x, y = self._packer.extent
        return [x * 1.05 or 1.0, y * 1.05 or 1.0]

    def _video_source(self) -> dict[str, str] | None:
        if not self._video:
            return None
        path, embed = self._video.path, self._options.embed
        source = "" if embed else address(path, self._options.output)
        return {"name": path.name, "source": source}

    def _picture_sources(self) -> list[str]:
        if self._options.embed:
            return [""] * len(self._pictures)
        return [address(path, self._options.output) for path in self._pictures]

    def _embedded(self) -> Iterator[Block]:
        if self._video:
            yield from embedded(self._video.path, "video")
        for number, path in enumerate(self._pictures):
            yield from embedded(path, f"picture {number}")
