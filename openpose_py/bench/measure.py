"""Medians of several ways to do the same, in turns: a busy moment of the machine hits them all."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

LEAST, MOST = 3, 25  # runs of each way

one_thread = time.thread_time  # the processor's time: a busy machine does it little harm
many_threads = time.perf_counter
all_threads = time.process_time  # together; waiting ones sleep, see OMP_WAIT_POLICY


def medians(
    ways: Mapping[str, Callable[[], object]], seconds: float, clock: Callable[[], float]
) -> dict[str, float]:
    """Milliseconds a call, of so many calls as fit into `seconds`; the first does not count.

    clock: `one_thread` for work in the caller's thread alone, else `many_threads`.
    """
    return {name: value for name, (value,) in medians_of_clocks(ways, seconds, [clock]).items()}


def medians_of_clocks(
    ways: Mapping[str, Callable[[], object]], seconds: float, clocks: Sequence[Callable[[], float]]
) -> dict[str, list[float]]:
    """As `medians`, the same calls by several clocks."""
    for work in ways.values():
        work()
    times: dict[str, list[list[float]]] = {name: [] for name in ways}
    end = time.perf_counter() + seconds
    for run in range(MOST):
        if run >= LEAST and time.perf_counter() > end:
            break
        for name, work in ways.items():
            begins = [clock() for clock in clocks]
            work()
            ends = [clock() for clock in clocks]
            times[name].append([1000 * (b - a) for a, b in zip(begins, ends, strict=True)])
    return {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in times.items()
    }
