"""What comes next, and what follows from an outcome."""

from openpose_py.batch.job import Cut, Done, Failed, Job, Span
from openpose_py.batch.schedule import Schedule

DONE = Done(1, 0, 0.1)
BAD = Failed("broken")
SPANS = tuple(Span(first, first + 9, 0, None, 0, 0) for first in (0, 9, 18))


def schedule(count: int, retries: int = 0, fail_fast: bool = False) -> Schedule:
    jobs = [Job(f"{number}.mp4", str(number), f"out/{number}") for number in range(count)]
    return Schedule(list(enumerate(jobs)), retries, fail_fast)


def test_inputs_come_in_their_order_once():
    plan = schedule(3)
    tasks = [plan.next() for _ in range(3)]
    assert [task.number for task in tasks] == [0, 1, 2]
    assert plan.next() is None
    assert plan.settle(tasks[0], DONE) == DONE


def test_a_failed_input_is_tried_again_so_often_and_then_given_up():
    plan = schedule(2, retries=2)
    settled = [plan.settle(plan.next(), BAD)]
    for attempt in (2, 3):
        task = plan.next()
        assert (task.number, task.attempt) == (0, attempt)
        settled.append(plan.settle(task, BAD))
    assert settled == [None, None, BAD]
    assert plan.next().number == 1


def test_nothing_new_begins_after_a_hopeless_failure_or_with_fail_fast():
    for fail_fast, failed in ((True, BAD), (False, Failed("disk full", fatal=True))):
        plan = schedule(3, fail_fast=fail_fast)
        assert plan.settle(plan.next(), failed) == failed
        assert plan.next() is None and plan.stopped


def test_a_long_video_is_cut_its_spans_come_first_and_are_joined_at_the_end():
    plan = schedule(2)
    whole = plan.next()
    assert plan.settle(whole, Cut(SPANS)) is None
    spans = [plan.next() for _ in SPANS]
    assert [task.job.span for task in spans] == list(SPANS)
    assert len({task.job.target for task in spans}) == 3
    assert [plan.settle(task, DONE) for task in spans] == [None] * 3
    joining = plan.next()
    assert (joining.number, joining.job.spans, joining.job.target) == (0, SPANS, whole.job.target)
    assert plan.settle(joining, DONE) == DONE
    assert plan.next().number == 1


def test_spans_that_do_not_fit_are_given_up_for_one_piece():
    plan = schedule(2)
    plan.settle(plan.next(), Cut(SPANS))
    first, second = plan.next(), plan.next()
    assert plan.settle(first, Cut(())) is None
    whole = plan.next()
    assert whole.job.whole and whole.job.span is None and not whole.job.spans
    assert plan.settle(second, Cut(())) is None  # it was at work when the other gave up
    assert plan.next().number == 1


def test_a_failed_span_fails_its_input_once():
    plan = schedule(2)
    plan.settle(plan.next(), Cut(SPANS))
    first, second = plan.next(), plan.next()
    assert plan.settle(first, BAD) == BAD
    assert plan.settle(second, BAD) is None
    assert plan.next().number == 1
