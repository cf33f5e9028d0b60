"""The estimator with sources that wait for their next frame."""

import threading
import time
from collections.abc import Iterator

from drawn.copied_people import picture_of

from openpose_py import Estimator, Frame


class OneFrameThenNone:
    """A camera that shows one frame and then waits until it is closed."""

    fps, count, unreadable = 25.0, None, []

    def __init__(self) -> None:
        self.closed = threading.Event()

    def frames(self) -> Iterator[Frame]:
        yield Frame(picture_of("BODY_25", "body_25", 2), 0, "0", 0.0, "here")
        self.closed.wait(30)

    def close(self) -> None:
        self.closed.set()


def test_ending_a_run_closes_the_source_before_it_waits_for_the_threads(models):
    run = Estimator(model_folder=str(models), net_resolution="-1x128").run(OneFrameThenNone())
    assert len(next(run).people) == 2
    start = time.monotonic()
    run.close()
    assert time.monotonic() - start < 10
