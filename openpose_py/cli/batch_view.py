"""What a batch says while it works: a live table on a terminal, plain lines elsewhere."""

import sys
import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from openpose_py.batch.course import DAMAGED, DONE, FAILED, AtWork, Course, name_of

PLAIN_LINE_SECONDS = 10.0
TABLE_SECONDS = 0.25


class BatchView:
    """On stderr. No thread of its own: workers are forked from this process."""

    def __init__(self, course: Course, quiet: bool) -> None:
        self._course, self._quiet = course, quiet
        self._shown = time.monotonic()
        self._console = Console(stderr=True)
        self._live: Live | None = None
        if sys.stderr.isatty() and not quiet:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)

    def start(self) -> None:
        if self._live:
            self._live.start()

    def say(self, text: str) -> None:
        """A line above the table."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def renew(self) -> None:
        since = time.monotonic() - self._shown
        if self._live and since > TABLE_SECONDS:
            self._live.update(_table(self._course), refresh=True)
        elif not self._live and not self._quiet and since > PLAIN_LINE_SECONDS:
            self.say(sentence(self._course))
        else:
            return
        self._shown = time.monotonic()

    def close(self) -> None:
        if self._live:
            self._live.stop()


def sentence(course: Course) -> str:
    """How far it is, in a line."""
    counts = course.counts
    before = f" ({course.skipped} of them before)" if course.skipped else ""
    bad = "".join(f", {counts[word]} {word}" for word in (DAMAGED, FAILED) if counts[word])
    seconds = time.monotonic() - course.started
    left = f", {spoken(course.seconds_left)} left" if _goes_on(course) else ""
    new = f"{course.new_frames} frames, {course.new_people} people"
    speed = f"{seconds:.1f} s, {course.rate:.1f} frames/s{left}"
    return f"{counts[DONE]} of {len(course.jobs)} inputs done{before}{bad}; {new}, {speed}"


def spoken(seconds: float | None) -> str:
    """90 -> 1:30, 4000 -> 1:06:40."""
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _goes_on(course: Course) -> bool:
    return course.seconds_left is not None and course.finished < len(course.jobs)


def _table(course: Course) -> Group:
    workers = Table("worker", "input", "frames", "frames/s", box=None)
    for number, one in sorted(course.at_work.items()):
        workers.add_row(*_row(number, one))
    bar = ProgressBar(total=max(1, len(course.jobs)), completed=course.finished, width=60)
    return Group(bar, Text(sentence(course)), workers)


def _row(number: int, one: AtWork) -> tuple[str, str, str, str]:
    speed = one.frames / max(time.monotonic() - one.since, 1e-9)
    return str(number + 1), name_of(one.task.job), str(one.frames), f"{speed:.1f}"
