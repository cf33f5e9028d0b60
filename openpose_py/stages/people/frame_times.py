"""Stage 3 of 5: frames -> seconds, for what follows people over time."""

from openpose_py.records import Frame

USUAL_RATE = 30.0  # frames a second, of pictures, which have no times


class FrameTimes:
    """A clock of one view that only goes forward, by the times of its frames where they have any.

    rate: frames a second where they have none; 0 or less: the usual one.
    """

    def __init__(self, rate: float = 0.0) -> None:
        self._step = 1 / rate if rate > 0 else 1 / USUAL_RATE
        self._before: float | None = None
        self._seconds = 0.0

    def seconds(self, frame: Frame) -> float:
        """To be asked once for every frame, in their order. When a source begins again, time goes
        on by one step."""
        if self._before is not None:
            passed = frame.time - self._before
            self._step = passed if passed > 0 else self._step
            self._seconds += self._step
        self._before = frame.time
        return self._seconds
