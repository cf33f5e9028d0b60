"""Iterators computed ahead."""

import threading
import time

import pytest

from openpose_py.threads import Threads


def test_items_keep_their_order_through_several_threads():
    threads = Threads(2)
    doubled = threads.ahead(map(lambda n: 2 * n, range(100)), "double")
    assert list(threads.ahead(map(lambda n: n + 1, doubled), "add")) == list(range(1, 201, 2))
    threads.close()


def test_no_more_than_the_queue_holds_is_computed_ahead():
    threads, computed = Threads(3), []
    items = threads.ahead(map(computed.append, range(100)), "count")
    next(items)
    time.sleep(0.3)
    assert len(computed) <= 1 + 3 + 1  # taken, waiting, in hand
    threads.close()


def test_an_error_arrives_after_the_items_before_it():
    def broken():
        yield 1
        raise ValueError("broken")

    threads = Threads(3)
    items = threads.ahead(threads.ahead(broken(), "inner"), "outer")
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)
    threads.close()


def test_closing_ends_every_thread_at_once():
    def endless():
        while True:
            yield 0

    before = threading.active_count()
    threads = Threads(2)
    items = threads.ahead(threads.ahead(endless(), "inner"), "outer")
    next(items)
    start = time.monotonic()
    threads.close()
    assert time.monotonic() - start < 2
    assert threading.active_count() == before


def test_without_depth_nothing_runs_ahead():
    computed = []
    items = Threads(0).ahead(map(computed.append, range(5)), "count")
    assert computed == []
    next(items)
    assert computed == [0]
