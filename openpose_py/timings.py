"""How long each stage took, for --profile_speed, and when in which thread, for --profile."""

import threading
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")
END = object()  # of an iterator


class Span(NamedTuple):
    """A piece of a stage's work. begin: seconds since the first call of `keep_spans`."""

    stage: str
    thread: str
    begin: float
    seconds: float


class Timings:
    """Seconds and calls of each stage, filled from the stages' threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[str, float] = defaultdict(float)
        self._calls: dict[str, int] = defaultdict(int)
        self._spans: array[float] | None = None
        self._numbers: dict[tuple[str, int], int] = {}  # of a stage in a thread
        self._threads: dict[int, str] = {}

    def keep_spans(self) -> None:
        """From now on every piece of work is kept, 24 bytes each."""
        self._spans, self._begin = array("d"), time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds since spans are kept."""
        return time.perf_counter() - self._begin

    def spans(self) -> Iterator[Span]:
        """In the order of their ends."""
        kept, names = self._spans or array("d"), list(self._numbers)
        for place in range(0, len(kept), 3):
            stage, thread = names[int(kept[place])]
            yield Span(stage, self._threads[thread], kept[place + 1], kept[place + 2])

    def totals(self) -> dict[str, tuple[float, int]]:
        """Seconds and calls of each stage."""
        with self._lock:
            return {name: (self._seconds[name], self._calls[name]) for name in self._seconds}

    def measured(
        self, name: str, function: Callable[[T], R], calls: Callable[[T], int] = lambda item: 1
    ) -> Callable[[T], R]:
        """`function`, its calls counted under `name`. calls: for how many an item counts."""

        def timed(item: T) -> R:
            start = time.perf_counter()
            result = function(item)
            self._add(name, start, calls(item))
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
            self._add(name, start)
            yield item

    def stepped(
        self, name: str, step: Callable[[Iterable[T]], Iterator[R]], items: Iterable[T]
    ) -> Iterator[R]:
        """`step(items)`, its own work counted under `name` without its waiting for items."""
        start = 0.0
        iterator = iter(items)

        def awaited() -> Iterator[T]:
            nonlocal start
            while True:
                self._add(name, start, calls=0)
                item = next(iterator, END)
                start = time.perf_counter()
                if item is END:
                    return
                yield cast(T, item)

        results = iter(step(awaited()))
        while True:
            start = time.perf_counter()
            try:
                result = next(results)
            except StopIteration:
                return
            self._add(name, start)
            yield result

    def _add(self, name: str, start: float, calls: int = 1) -> None:
        seconds = time.perf_counter() - start
        with self._lock:
            self._seconds[name] += seconds
            self._calls[name] += calls
            if self._spans is not None:
                self._keep(name, start, seconds)

    def _keep(self, name: str, start: float, seconds: float) -> None:
        thread = threading.current_thread()
        key = name, threading.get_ident()
        self._threads[key[1]] = thread.name
        number = self._numbers.setdefault(key, len(self._numbers))
        if self._spans is not None:
            self._spans.extend((number, start - self._begin, seconds))

    def summary(self) -> str:
        """`read 3.1, network 210.0, ... ms a frame`."""
        means = [f"{k} {1000 * s / max(1, n):.1f}" for k, (s, n) in self.totals().items()]
        return f"{', '.join(means)} ms a frame"
