"""Stage 1 of 5: a source under the keys of the window: the same frame again, forth and back."""

from collections.abc import Callable, Iterator
from itertools import islice

from openpose_py.records import Frame
from openpose_py.stages.frames.source import Source

FORTH, BACK = 30, -60  # frames, from the next one to be read; gui/gui.cpp
HELD_FORTH, HELD_BACK = 1, -1  # frames, from the held one


class Player:
    """source: read first. reopen: the same input from a frame on, which is how it goes back.
    first: the first wanted frame. views: frames a time step.

    Keys come from another thread than the one that reads.
    """

    def __init__(
        self, source: Source, reopen: Callable[[int], Source], first: int = 0, views: int = 1
    ) -> None:
        self._source, self._reopen, self._first, self._views = source, reopen, first, views
        self._held, self._jump, self._closed = False, 0, False
        self.fps: float | None = source.fps
        self.count: int | None = source.count
        self.unreadable: list[str] = source.unreadable

    def hold(self) -> None:
        """The same frame again and again; or on from there."""
        self._held = not self._held

    def forth(self) -> None:
        self._jump += HELD_FORTH if self._held else FORTH

    def back(self) -> None:
        self._jump += HELD_BACK if self._held else BACK

    def frames(self) -> Iterator[Frame]:
        frames, awaited, index = self._source.frames(), self._first, -1
        while (step := list(islice(frames, self._views))) and not self._closed:
            if step[0].index <= index:  # begun again
                awaited = self._first
            index = step[0].index
            if index < awaited:  # on the way forth
                continue
            yield from step
            while self._held and not self._jump and not self._closed:
                yield from step
            if self._jump:
                jump, self._jump = self._jump, 0
                awaited = max(self._first, index + jump + (0 if self._held else 1))
                if awaited <= index:
                    frames, index = self._begin_at(awaited), -1

    def close(self) -> None:
        self._closed = True
        self._source.close()

    def _begin_at(self, index: int) -> Iterator[Frame]:
        self._source.close()
        self._source = self._reopen(index)
        if self._closed:
            self._source.close()
        return self._source.frames()
