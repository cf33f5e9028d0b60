"""Medians of several ways to do the same, in turns: a busy moment of the machine hits them all."""

import statistics
import time
from collections.abc import Callable, Mapping

LEAST, MOST = 3, 25  # runs of each way

one_thread = time.thread_time  # the processor's time: a busy machine does it little harm
many_threads = time.perf_counter


def medians(
    ways: Mapping[str, Callable[[], object]], seconds: float, clock: Callable[[], float]
) -> dict[str, float]:
    """Milliseconds a call, of so many calls as fit into `seconds`; the first does not count.

    clock: `one_thread` for work in the caller's thread alone, else `many_threads`.
    """
    for work in ways.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in ways}
    end = time.perf_counter() + seconds
    for run in range(MOST):
        if run >= LEAST and time.perf_counter() > end:
            break
        for name, work in ways.items():
            begin = clock()
            work()
            times[name].append(1000 * (clock() - begin))
    return {name: statistics.median(values) for name, values in times.items()}
