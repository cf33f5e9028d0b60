"""Iterators computed ahead in threads of their own, with bounded queues between them."""

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
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
        line: queue.Queue[tuple[str, Any]] = queue.Queue(self._depth)
        thread = threading.Thread(target=self._fill, args=(items, line), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return self._drain(line)

    def close(self) -> None:
        """Ends all threads and waits for them; what they still compute is thrown away."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _fill(self, items: Iterable[Any], line: queue.Queue[tuple[str, Any]]) -> None:
        try:
            for item in items:
                self._put(line, ("item", item))
            self._put(line, ("end", None))
        except _Stopped:
            pass
        except BaseException as error:  # handed to the caller's thread, which raises it
            self._put_last(line, error)

    def _drain(self, line: queue.Queue[tuple[str, Any]]) -> Iterator[Any]:
        while True:
            kind, value = self._get(line)
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value

    def _put(self, line: queue.Queue[tuple[str, Any]], entry: tuple[str, Any]) -> None:
        while not self._stop.is_set():
            try:
                return line.put(entry, timeout=WAIT)
            except queue.Full:
                continue
        raise _Stopped

    def _put_last(self, line: queue.Queue[tuple[str, Any]], error: BaseException) -> None:
        with contextlib.suppress(_Stopped):
            self._put(line, ("error", error))

    def _get(self, line: queue.Queue[tuple[str, Any]]) -> tuple[str, Any]:
        while not self._stop.is_set():
            try:
                return line.get(timeout=WAIT)
            except queue.Empty:
                continue
        raise _Stopped
