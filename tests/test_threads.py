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


def slowly(seconds):
    """Doubles; odd numbers take their time."""

    def work(n):
        time.sleep(seconds if n % 2 else 0)
        return 2 * n, threading.current_thread().name

    return work


def test_work_shared_by_threads_comes_back_in_order():
    threads = Threads(2)
    doubled = list(threads.spread(iter(range(40)), [slowly(0.02), slowly(0.0)], "double"))
    threads.close()
    assert [n for n, _ in doubled] == list(range(0, 80, 2))
    assert {name for _, name in doubled} == {"double 0", "double 1"}


@pytest.mark.parametrize("depth", [0, 3])
def test_an_error_of_shared_work_or_of_its_items_arrives_in_its_place(depth):
    def broken(n):
        return 1 // (n - 5)

    def items():
        yield from (1, 2)
        raise ValueError("broken")

    threads = Threads(depth)
    answers = threads.spread(range(100), [broken, broken, broken], "divide")
    assert [next(answers) for _ in range(5)] == [1 // (n - 5) for n in range(5)]
    with pytest.raises(ZeroDivisionError):
        next(answers)
    answers = threads.spread(items(), [float, float], "float")
    assert [next(answers), next(answers)] == [1.0, 2.0]
    with pytest.raises(ValueError, match="broken"):
        next(answers)
    threads.close()


def test_shared_work_is_not_done_far_ahead_and_ends_when_closed():
    done, before = [], threading.active_count()
    threads = Threads(2)
    answers = threads.spread(iter(int, 1), [done.append, done.append], "count")
    next(answers)
    time.sleep(0.3)
    assert len(done) <= 1 + 2 + 2 + 2  # taken, in line, and one in hand a thread and its turn
    threads.close()
    assert threading.active_count() == before
