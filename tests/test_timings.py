"""What is counted as a stage's own work."""

import time

from openpose_py.timings import Timings

SLEEP = 0.03


def test_a_step_is_not_charged_for_waiting_for_its_items():
    def slow():
        for n in range(3):
            time.sleep(SLEEP)
            yield n

    def pairs(items):  # holds one item back, so that it asks for more than it gives
        last = None
        for item in items:
            if last is not None:
                yield last, item
            last = item

    timings = Timings()
    assert list(timings.stepped("pairs", pairs, slow())) == [(0, 1), (1, 2)]
    seconds, calls = timings.totals()["pairs"]
    assert calls == 2
    assert seconds < SLEEP


def test_spans_add_up_to_the_totals_and_are_kept_only_when_asked_for():
    timings = Timings()
    nap = timings.measured("nap", lambda n: time.sleep(SLEEP))
    nap(1)
    assert list(timings.spans()) == []
    timings.keep_spans()
    nap(2)
    nap(3)
    spans = list(timings.spans())
    assert [span.stage for span in spans] == ["nap", "nap"]
    assert spans[0].begin + spans[0].seconds <= spans[1].begin
    assert sum(span.seconds for span in spans) < timings.totals()["nap"][0]
    assert timings.elapsed >= spans[1].begin + spans[1].seconds
