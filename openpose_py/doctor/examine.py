"""Everything that the doctor looks at, as lines and as JSON."""

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpose_py.doctor.engines import engines
from openpose_py.doctor.files import files
from openpose_py.doctor.finding import LESS, OK, WRONG, Finding
from openpose_py.doctor.machine import machine
from openpose_py.doctor.pictures_and_videos import pictures_and_videos

MARKS = {OK: "ok  ", LESS: "less", WRONG: "FAIL"}


def examine(model_folder: Path) -> Iterator[Finding]:
    yield from machine()
    yield from pictures_and_videos()
    yield from engines()
    yield from files(model_folder)


def can_run(findings: Sequence[Finding]) -> bool:
    return all(one.state != WRONG for one in findings)


def as_text(findings: Sequence[Finding]) -> str:
    """A block an area; hints on a line of their own."""
    wide = max(len(one.name) for one in findings)
    lines = []
    for area, group in itertools.groupby(findings, lambda one: one.area):
        lines.append(area)
        for one in group:
            lines.append(f"  {MARKS[one.state]}  {one.name.ljust(wide)}  {one.value}")
            lines += [f"        {' ' * wide}  -> {one.hint}"] if one.hint else []
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    rows = [one._asdict() for one in findings]
    return json.dumps({"can_run": can_run(findings), "findings": rows}, indent=1)
