"""When a training ends before its last step: after some minutes, or when it is told to."""

import signal
import threading
import time
from types import FrameType


class StopWish:
    """Wishes the end after some minutes, or after Ctrl-C or SIGTERM, which it then passes on."""

    def __init__(self, minutes: float) -> None:
        self._end = time.monotonic() + minutes * 60 if minutes else float("inf")
        self._signal = 0
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> "StopWish":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._handlers[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        if self._signal and kind is None:
            raise KeyboardInterrupt

    def now(self) -> bool:
        return bool(self._signal) or time.monotonic() >= self._end

    def _note(self, number: int, _: FrameType | None) -> None:
        self._signal = number
