"""`openpose-py batch status DIR`: how far a batch is, from any machine that sees its folder."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from openpose_py.batch.state import State, read_states
from openpose_py.cli.batch_view import spoken
from openpose_py.errors import EXIT_DONE, EXIT_SOME_INPUTS_UNREADABLE

COLUMNS = ("shard", "state", "inputs", "done", "damaged", "failed", "waiting", "frames/s", "left")


def status(output: str) -> int:
    """Prints one row a shard; returns 1 as soon as an input has failed."""
    states = read_states(output)
    table = Table(*COLUMNS, box=SIMPLE_HEAD)
    for state in states:
        table.add_row(*_row(state))
    if len(states) > 1:
        table.add_row(*_sum(states))
    console = Console()
    console.print(table)
    for state in states:
        if state.word == "running":
            for line in state.at_work:
                console.print(f"{state.host}: {line}", markup=False, highlight=False)
    bad = any(state.failed or state.damaged for state in states)
    return EXIT_SOME_INPUTS_UNREADABLE if bad else EXIT_DONE


def _row(state: State) -> tuple[str, ...]:
    running = state.word == "running"
    left = spoken(state.left) if running and state.left is not None else ""
    counts = (state.inputs, state.done, state.damaged, state.failed, state.waiting)
    speed = f"{state.frames_a_second:g}"
    return (state.shard or "-", state.word, *map(str, counts), speed, left)


def _sum(states: Sequence[State]) -> tuple[str, ...]:
    columns = zip(
        *((s.inputs, s.done, s.damaged, s.failed, s.waiting) for s in states), strict=True
    )
    return ("all", "", *(str(sum(column)) for column in columns), "", "")
