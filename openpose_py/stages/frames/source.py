"""Stage 1 of 5 (OpenPose's "producer"): the contract of every source of frames."""

import dataclasses
from collections.abc import Iterator
from typing import Protocol

from openpose_py.records import Frame


@dataclasses.dataclass(frozen=True, slots=True)
class FrameRange:
    """Which frames of a source are wanted: first, first + step, ... up to and with last."""

    first: int = 0
    last: int | None = None
    step: int = 1
    repeat: bool = False  # start again at `first` when the source ends

    def wants(self, index: int) -> bool:
        inside = index >= self.first and (self.last is None or index <= self.last)
        return inside and (index - self.first) % self.step == 0


class Source(Protocol):
    """Frames of one input. `frames()` may be called once; `close()` at any time, twice too."""

    fps: float | None  # frames a second; None where there is no such thing (pictures)
    count: int | None  # frames that `frames()` will yield, as far as the input tells
    unreadable: list[str]  # one line for each picture or damaged frame that was left out

    def frames(self) -> Iterator[Frame]: ...

    def close(self) -> None: ...
