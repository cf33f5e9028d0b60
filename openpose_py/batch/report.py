"""The tables of a batch: one row an input in summary.csv, the bad ones in failed.csv."""

import csv
import importlib.util
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from openpose_py.batch.course import DAMAGED, FAILED, STATUSES, WAITING, Course
from openpose_py.stages.writers.whole_file import growing, write_whole

SUMMARY = ("id", "input", "output", "status", "frames", "people", "seconds")
FAILURES = ("id", "input", "status", "reason")


def write_reports(course: Course, root: Path, mark: str) -> None:
    """Into `root`; mark: of a shard, at the end of the names. Parquet too, where pyarrow is."""
    _write_csv(root / f"summary{mark}.csv", SUMMARY, _summary(course))
    _write_csv(root / f"failed{mark}.csv", FAILURES, _failures(course))
    if importlib.util.find_spec("pyarrow"):
        _write_parquet(root / f"summary{mark}.parquet", course)


def _summary(course: Course) -> Iterator[Sequence[object]]:
    for number, job in enumerate(course.jobs):
        yield (
            job.id, job.path, job.target, STATUSES[course.status[number]], course.frames[number],
            course.people[number], course.seconds[number],
        )  # fmt: skip


def _failures(course: Course) -> Iterator[Sequence[object]]:
    """Failed and damaged inputs, and those that were not begun."""
    bad = {STATUSES.index(status) for status in (FAILED, DAMAGED, WAITING)}
    for number, status in enumerate(course.status):
        if status in bad:
            job = course.jobs[number]
            yield job.id, job.path, STATUSES[status], course.reasons.get(number, "not begun")


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with growing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(names)
        table.writerows(rows)


def _write_parquet(path: Path, course: Course) -> None:
    import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]
    from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]

    status = pyarrow.DictionaryArray.from_arrays(
        pyarrow.array(memoryview(course.status), pyarrow.int8()), pyarrow.array(STATUSES)
    )
    columns = (
        pyarrow.array([job.id for job in course.jobs], pyarrow.string()),
        pyarrow.array([job.path for job in course.jobs], pyarrow.string()),
        pyarrow.array([job.target for job in course.jobs], pyarrow.string()),
        status,
        pyarrow.array(course.frames, pyarrow.int64()),
        pyarrow.array(course.people, pyarrow.int64()),
        pyarrow.array(course.seconds, pyarrow.float64()),
    )
    data = io.BytesIO()
    parquet.write_table(pyarrow.table(columns, names=SUMMARY), data)
    write_whole(path, data.getvalue())
