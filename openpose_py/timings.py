"""How long each stage took, for --profile_speed."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Timings:
    """Seconds and calls of each stage, filled from the stages' threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[str, float] = defaultdict(float)
        self._calls: dict[str, int] = defaultdict(int)

    def measured(self, name: str, function: Callable[[T], R]) -> Callable[[T], R]:
        """`function`, its calls counted under `name`."""

        def timed(item: T) -> R:
            start = time.perf_counter()
            result = function(item)
            self._add(name, time.perf_counter() - start)
            return result

        return timed

    def iterated(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """`items`, the time to get each counted under `name`."""
        iterator = iter(items)
        while True:
            start = time.perf_counter()
            try:
                item = next(iterator)
            except StopIteration:
                return
            self._add(name, time.perf_counter() - start)
            yield item

    def _add(self, name: str, seconds: float) -> None:
        with self._lock:
            self._seconds[name] += seconds
            self._calls[name] += 1

    def summary(self) -> str:
        """`read 3.1, network 210.0, ... ms a frame`."""
        with self._lock:
            means = [f"{k} {1000 * s / self._calls[k]:.1f}" for k, s in self._seconds.items()]
        return f"{', '.join(means)} ms a frame"
