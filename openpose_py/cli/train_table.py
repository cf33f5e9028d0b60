"""The log of a training: a live table on a terminal, lines elsewhere; all on stderr."""

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from openpose_py.train.log_file import Row
from openpose_py.train.recipe import Recipe

ROWS_SHOWN = 12


class TrainTable:
    """Shows the last rows."""

    def __init__(self, recipe: Recipe, quiet: bool) -> None:
        self._recipe, self._quiet = recipe, quiet
        self._rows: list[Row] = []
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False)

    def __enter__(self) -> "TrainTable":
        if self._lively:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._lively:
            self._live.stop()

    @property
    def _lively(self) -> bool:
        return self._console.is_terminal and not self._quiet

    def add(self, row: Row) -> None:
        self._rows = [*self._rows, row][-ROWS_SHOWN:]
        if self._lively:
            self._live.update(self._table(), refresh=True)
        elif not self._quiet:
            self._console.print(_line(row, self._recipe), highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(title=f"{self._recipe.name}: {self._recipe.steps} steps")
        for name in ("step", "minutes", "loss", "last stage", "rate", "pictures/s", "AP"):
            table.add_column(name, justify="right")
        for row in self._rows:
            table.add_row(*_cells(row))
        return table


def _cells(row: Row) -> list[str]:
    return [
        str(row.step),
        f"{row.minutes:.1f}",
        f"{row.loss:.4g}",
        f"{row.stages[-1]:.4g}",
        f"{row.rate:.2e}",
        f"{row.images_a_second:.1f}",
        "" if row.ap is None else f"{row.ap:.3f}",
    ]


def _line(row: Row, recipe: Recipe) -> str:
    step, minutes, loss, _, _, speed, ap = _cells(row)
    text = f"step {step} of {recipe.steps}, {minutes} min: loss {loss}, {speed} pictures/s"
    return f"{text}, AP {ap}" if ap else text
