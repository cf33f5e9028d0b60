"""log.csv: one row every so often; and the picture that --plot makes of it."""

import csv
import dataclasses
from pathlib import Path

from openpose_py.errors import StageError

FILE, PLOT = "log.csv", "log.png"


@dataclasses.dataclass(frozen=True)
class Row:
    """loss: sum over the stages of the mean since the last row. ap: average precision on the
    validation pictures, only in rows that measured it."""

    step: int
    minutes: float
    loss: float
    stages: tuple[float, ...]
    rate: float
    images_a_second: float
    ap: float | None = None


class Log:
    """Rows behind the step that a training resumes from are dropped: they come again."""

    def __init__(self, folder: Path, resumed_at: int) -> None:
        self._path = folder / FILE
        kept = [row for row in read_log(folder) if row.step <= resumed_at]
        with self._path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_cells(row) for row in kept)

    def add(self, row: Row) -> None:
        with self._path.open("a", newline="") as file:
            csv.writer(file).writerow(_cells(row))


HEADER = ("step", "minutes", "loss", "rate", "images_a_second", "ap", "stages")


def read_log(folder: Path) -> list[Row]:
    """An unfinished last line, of a killed run, is left out."""
    path = folder / FILE
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(HEADER)][1:]
    return [_row(row) for row in rows]


def plot_log(folder: Path) -> Path:
    """Loss and average precision over the steps, as a PNG file."""
    try:
        from matplotlib.figure import Figure  # type: ignore[import-not-found,unused-ignore]
    except ImportError as problem:
        raise StageError("matplotlib is not installed", where="--plot",
                         hint="pip install openpose-py[train]") from problem  # fmt: skip
    rows = read_log(folder)
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([row.step for row in rows], [row.loss for row in rows], color="tab:blue")
    axes.set(xlabel="step", ylabel="loss", yscale="log")
    measured = [(row.step, row.ap) for row in rows if row.ap is not None]
    if measured:
        right = axes.twinx()
        right.plot(*zip(*measured, strict=True), color="tab:orange", marker="o")
        right.set_ylabel("AP")
    path = folder / PLOT
    figure.savefig(path, dpi=120)
    return path


def _cells(row: Row) -> list[str]:
    stages = " ".join(f"{loss:.5g}" for loss in row.stages)
    ap = "" if row.ap is None else f"{row.ap:.4f}"
    numbers = (f"{row.minutes:.2f}", f"{row.loss:.5g}", f"{row.rate:.6g}")
    return [str(row.step), *numbers, f"{row.images_a_second:.1f}", ap, stages]


def _row(cells: list[str]) -> Row:
    step, minutes, loss, rate, speed, ap, stages = cells
    return Row(
        step=int(step),
        minutes=float(minutes),
        loss=float(loss),
        stages=tuple(map(float, stages.split())),
        rate=float(rate),
        images_a_second=float(speed),
        ap=float(ap) if ap else None,
    )
