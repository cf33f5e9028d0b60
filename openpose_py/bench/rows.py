"""What a benchmark yields: rows; and what it is told: a plan."""

from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One number. case: what is done. way: who does it; ways of one case ran in turns.

    axis, at: for rows of a growth, what grows and its value. note: what the number rests on.
    """

    section: str
    case: str
    way: str
    value: float
    unit: str = "ms"
    axis: str = ""
    at: float = 0
    note: str = ""


class Plan(NamedTuple):
    """full: everything, for minutes; else the most important. seconds: for one case, about."""

    full: bool
    model_folder: Path
    threads: int
    seconds: float
