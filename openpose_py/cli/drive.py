"""The loop of every command that turns frames into files: write, count, report."""

import logging
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Protocol

from openpose_py.cli.progress import RunProgress, verbose_line_wanted
from openpose_py.errors import EXIT_DONE, EXIT_SOME_INPUTS_UNREADABLE, InputError, UsageError
from openpose_py.outputs import Outputs
from openpose_py.records import Result
from openpose_py.settings import Settings
from openpose_py.timings import Timings
from openpose_py.trace_file import check_profile, shares, write_trace

log = logging.getLogger("openpose_py.run")


class Shown(Protocol):
    """A window, as far as the loop knows it."""

    def show(self, result: Result) -> bool:
        """Whether to go on."""

    def close(self) -> None: ...


class Input(Protocol):
    """What is asked of a source here."""

    count: int | None
    unreadable: list[str]


def drive(
    results: Generator[Result],
    source: Input,
    outputs: Outputs,
    settings: Settings,
    clock: Timings,
    window: Shown | None = None,
) -> int:
    """Takes all results to files and window; returns the exit code. Ctrl-C finishes the files."""
    check_verbose(settings.cli_verbose, source.count)
    profile = check_profile(settings.profile) if settings.profile else None
    if profile:
        clock.keep_spans()
    with closing(outputs), RunProgress(source.count, settings.quiet) as progress, closing(results):
        write = clock.measured("write", outputs.write)
        for result in paced(results, settings.fps_max):
            index = result.frame.index
            if verbose_line_wanted(index, source.count, settings.cli_verbose):
                print(f"Processing frame {index + 1}/{source.count or '?'}...", flush=True)
            write(result)
            progress.count(len(result.people))
            if progress.frames == settings.profile_speed:
                log.debug(clock.summary())
            if window and not window.show(result):
                break
    if profile:
        write_trace(profile, clock)
        if not settings.quiet:
            print(shares(clock), file=sys.stderr)
    for line in source.unreadable:
        print(f"openpose-py: {line}", file=sys.stderr)
    if source.unreadable and not progress.frames:
        raise InputError("nothing of the input could be read")
    return EXIT_SOME_INPUTS_UNREADABLE if source.unreadable else EXIT_DONE


def check_verbose(every: float, count: int | None) -> None:
    if 0 < every < 1 and count is None:
        raise UsageError(
            "a share of all frames needs an input that knows its length", where="--cli_verbose",
            hint="use a number of frames, for example --cli_verbose 100",
        )  # fmt: skip


def paced(results: Iterator[Result], fps_max: float) -> Iterator[Result]:
    """`results` at no more than `fps_max` a second."""
    due = time.monotonic()
    for result in results:
        yield result
        if fps_max > 0:
            due = max(due + 1 / fps_max, time.monotonic() - 1 / fps_max)
            time.sleep(max(0.0, due - time.monotonic()))
