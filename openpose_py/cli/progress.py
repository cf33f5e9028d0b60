"""What a run says while it works: a bar on a terminal, plain lines elsewhere, all on stderr."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

PLAIN_LINE_SECONDS = 10.0


class RunProgress:
    """Counts frames and people. total: None where the source does not know its length."""

    def __init__(self, total: int | None, quiet: bool) -> None:
        self._total, self._quiet = total, quiet
        self.frames = self.people = 0
        self._start = self._spoken = time.monotonic()
        self._bar: Progress | None = None
        if sys.stderr.isatty() and not quiet:
            self._bar = _bar()
            self._task = self._bar.add_task("frames", total=total, people=0, fps=0.0)

    def __enter__(self) -> "RunProgress":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()
        if not self._quiet:
            print(self._sentence(), file=sys.stderr)

    def count(self, people: int) -> None:
        """One more frame is done."""
        self.frames += 1
        self.people += people
        if self._bar:
            self._bar.update(self._task, advance=1, people=self.people, fps=self._fps())
        elif not self._quiet and time.monotonic() - self._spoken > PLAIN_LINE_SECONDS:
            self._spoken = time.monotonic()
            print(self._sentence(), file=sys.stderr, flush=True)

    def _fps(self) -> float:
        return self.frames / max(time.monotonic() - self._start, 1e-9)

    def _sentence(self) -> str:
        of_all = f" of {self._total}" if self._total and self._total > self.frames else ""
        seconds = time.monotonic() - self._start
        plural = "" if self.frames == 1 and not of_all else "s"
        return (
            f"{self.frames}{of_all} frame{plural}, {self.people} people, "
            f"{seconds:.1f} s, {self._fps():.1f} frames/s"
        )


def _bar() -> Progress:
    return Progress(
        MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[people]} people"),
        TextColumn("{task.fields[fps]:.1f} frames/s"), TimeElapsedColumn(),
        TextColumn("ETA"), TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip


def verbose_line_wanted(index: int, total: int | None, every: float) -> bool:
    """Whether --cli_verbose prints a line for the frame of this index (counted from 0)."""
    if every <= 0:
        return False
    if index == 0 or (total is not None and index >= total - 1):
        return True
    step = every if every >= 1 else every * (total or 1)
    return (index + 1) % max(1, int(step + 0.5)) == 0
