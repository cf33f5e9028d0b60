"""Iterators computed ahead in threads of their own, with bounded queues between them."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Line = queue.Queue[tuple[str, Any]]  # ("item", it), ("error", it) or ("end", None)
WAIT = 0.1  # seconds between two looks at the stop sign


class _Stopped(Exception):
    """Ends a thread whose results nobody wants any more."""


class Threads:
    """The threads of one run. depth: items that wait in each queue; 0: everything in the caller."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def ahead(self, items: Iterable[T], name: str) -> Iterator[T]:
        """`items` in order, computed ahead; an error there is raised here."""
        if not self._depth:
            return iter(items)
        line: Line = queue.Queue(self._depth)
        self._start(name, self._fill, items, line)
        return self._drain(line)

    def spread(
        self, items: Iterable[T], works: Sequence[Callable[[T], R]], name: str
    ) -> Iterator[R]:
        """`work(item)` of all items in order. Each of `works` has a thread and takes the next item
        when it is free; without threads the first does all."""
        if not self._depth or len(works) == 1:
            return self.ahead(map(works[0], items), name)
        line: Line = queue.Queue(self._depth)
        source, turn = iter(items), threading.Lock()
        for number, work in enumerate(works):
            self._start(f"{name} {number}", self._take, source, turn, work, line)
        return self._drain_places(line)

    def close(self) -> None:
        """Ends all threads and waits for them; what they still compute is thrown away."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _start(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _fill(self, items: Iterable[Any], line: Line) -> None:
        try:
            for item in items:
                self._put(line, ("item", item))
            self._put(line, ("end", None))
        except _Stopped:
            pass
        except BaseException as error:  # handed to the caller's thread, which raises it
            self._put_last(line, error)

    def _take(
        self, source: Iterator[Any], turn: threading.Lock, work: Callable[[Any], Any], line: Line
    ) -> None:
        """Works until there is nothing left. An item's place stands in the line before the next
        item is taken, so that the line has their order."""
        with contextlib.suppress(_Stopped):
            while True:
                place: Line = queue.Queue(1)
                with turn:
                    try:
                        item = next(source)
                    except StopIteration:
                        return self._put(line, ("end", None))
                    except BaseException as error:  # as in `_fill`
                        return self._put(line, ("error", error))
                    self._put(line, ("item", place))
                place.put(_answer(work, item))

    def _drain(self, line: Line) -> Iterator[Any]:
        while True:
            kind, value = self._get(line)
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value

    def _drain_places(self, line: Line) -> Iterator[Any]:
        for place in self._drain(line):
            kind, value = self._get(place)
            if kind == "error":
                raise value
            yield value

    def _put(self, line: Line, entry: tuple[str, Any]) -> None:
        while not self._stop.is_set():
            try:
                return line.put(entry, timeout=WAIT)
            except queue.Full:
                continue
        raise _Stopped

    def _put_last(self, line: Line, error: BaseException) -> None:
        with contextlib.suppress(_Stopped):
            self._put(line, ("error", error))

    def _get(self, line: Line) -> tuple[str, Any]:
        while not self._stop.is_set():
            try:
                return line.get(timeout=WAIT)
            except queue.Empty:
                continue
        raise _Stopped


def _answer(work: Callable[[Any], Any], item: Any) -> tuple[str, Any]:
    try:
        return "item", work(item)
    except BaseException as error:  # as in `_fill`
        return "error", error
