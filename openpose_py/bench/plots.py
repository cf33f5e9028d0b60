"""Growth as pictures: one PNG for each thing that grows, a line for each way."""

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

from openpose_py.bench.rows import Row


def write_plots(rows: Sequence[Row], base: Path) -> list[Path]:
    """Files named after `base`; none without matplotlib."""
    if importlib.util.find_spec("matplotlib") is None:
        return []
    grown = [row for row in rows if row.axis]
    kinds = dict.fromkeys((row.section, row.axis) for row in grown)
    return [_plot([row for row in grown if (row.section, row.axis) == kind], base)
            for kind in kinds]  # fmt: skip


def _plot(rows: Sequence[Row], base: Path) -> Path:
    from matplotlib.figure import Figure

    section, axis, unit = rows[0].section, rows[0].axis, rows[0].unit
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for way in dict.fromkeys(row.way for row in rows):
        points = sorted((row.at, row.value) for row in rows if row.way == way)
        axes.plot(*zip(*points, strict=True), marker="o" if len(points) < 20 else "", label=way)
    axes.set(xlabel=axis, ylabel=unit, title=section)
    values = [row.value for row in rows]
    if max(values) > 20 * max(min(values), 1e-9):
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.15 * max(values))
    axes.grid(alpha=0.3)
    axes.legend()
    name = re.sub(r"\W+", "_", f"{section}_{axis}").strip("_").lower()
    path = base.with_name(f"{base.name}_{name}.png")
    figure.savefig(path, dpi=110)
    return path
