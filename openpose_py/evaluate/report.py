"""Judgements as plain tables for people, and as plain data for programs."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from openpose_py.evaluate.judge import Judgement
from openpose_py.evaluate.keypoint_sets import all_sets

COLUMNS = {
    "ap": "AP", "ap_50": "AP50", "ap_75": "AP75", "ap_medium": "APm", "ap_large": "APl",
    "ar": "AR", "ar_50": "AR50", "ar_75": "AR75", "ar_medium": "ARm", "ar_large": "ARl",
}  # fmt: skip
NAMES_A_NOTE = 12  # points named one by one
COLUMNS_A_POINT_TABLE = 4  # candidates whose points are shown; of more, the best only


@dataclasses.dataclass(frozen=True)
class Table:
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    best: int | None = None  # the row to be marked


def tables(judgements: Sequence[Judgement]) -> list[Table]:
    """COCO's figures a set, then PCK's totals, then PCK a point."""
    best = best_of(judgements)
    shown = judgements if len(judgements) <= COLUMNS_A_POINT_TABLE else [judgements[best]]
    mark = best if len(judgements) > 1 else None
    found = [
        _figures(name, judgements, mark)
        for name in all_sets()
        if any(name in one.figures for one in judgements)
    ]
    for name, wanted in all_sets().items():
        for which in range(len(wanted.lengths)):
            if len(shown) < len(judgements) and any(name in one.pcks for one in judgements):
                found.append(_totals(name, which, judgements, mark))
            if any(name in one.pcks for one in shown):
                found.append(_points(name, which, shown))
    return found


def best_of(judgements: Sequence[Judgement]) -> int:
    """The first with the highest main figure."""
    values = [-1.0 if math.isnan(one.main) else one.main for one in judgements]
    return values.index(max(values))


def _figures(name: str, judgements: Sequence[Judgement], best: int | None) -> Table:
    rows = tuple(
        (one.name, *(number(getattr(one.figures.get(name), key, math.nan)) for key in COLUMNS))
        for one in judgements
    )
    title = f"{all_sets()[name].title}, COCO's average precision and recall"
    return Table(title, ("", *COLUMNS.values()), rows, best)


def _totals(name: str, which: int, judgements: Sequence[Judgement], best: int | None) -> Table:
    rows = tuple(
        (one.name, number(one.pcks[name][which].total if name in one.pcks else math.nan))
        for one in judgements
    )
    wanted = all_sets()[name]
    return Table(
        f"{wanted.title}, {wanted.lengths[which].name}", ("", "all points"), rows, best
    )  # fmt: skip


def _points(name: str, which: int, judgements: Sequence[Judgement]) -> Table:
    """A row a point, a column a candidate."""
    judged = [one for one in judgements if name in one.pcks]
    pcks = [one.pcks[name][which] for one in judged]
    wanted = all_sets()[name]
    rows = [
        (point, str(pcks[0].labelled[row]), *(number(one.shares[row]) for one in pcks))
        for row, point in enumerate(wanted.points)
    ]
    for name in wanted.lengths[which].columns:
        rows.append((name, "", *(number(one.columns[name]) for one in pcks)))
    total = ("all", str(pcks[0].labelled.sum()), *(number(one.total) for one in pcks))
    first = pcks[0]
    title = f"{wanted.title}, {first.name}: {first.people} people"
    if first.without:
        title += f", {first.without} more have no yardstick"
    left_out = wanted.lengths[which].not_in_total
    if left_out:
        title += f"; not in all: {', '.join(left_out)}"
    return Table(title, ("point", "labelled", *(one.name for one in judged)), (*rows, total))


def number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def notes(judgement: Judgement) -> list[str]:
    """What a reader must know to judge the figures."""
    found = [f"{judgement.people} people found in {judgement.pictures} pictures"]
    for name, points in judgement.lacking.items():
        named = ", ".join(points[:NAMES_A_NOTE])
        more = f" and {len(points) - NAMES_A_NOTE} more" if len(points) > NAMES_A_NOTE else ""
        title = all_sets()[name].title
        found.append(f"{title}: the model lacks {named}{more}; these count as not found")
    return [*found, *judgement.notes]


def as_data(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """What --json prints: one object a candidate, null for figures that do not exist."""
    return [
        {
            "name": one.name,
            "pictures": one.pictures,
            "people": one.people,
            "coco": {
                name: {key: _value(getattr(figures, key)) for key in COLUMNS}
                for name, figures in one.figures.items()
            },
            "pck": [
                {
                    "set": name,
                    "name": each.name,
                    "total": _value(each.total),
                    "people": each.people,
                    "without_yardstick": each.without,
                    "columns": {column: _value(each.columns[column]) for column in each.columns},
                    "points": dict(
                        zip(all_sets()[name].points, map(_value, each.shares), strict=True)
                    ),
                }
                for name, pcks in one.pcks.items()
                for each in pcks
            ],
            "lacking": one.lacking,
            "notes": list(one.notes),
        }
        for one in judgements
    ]


def _value(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
