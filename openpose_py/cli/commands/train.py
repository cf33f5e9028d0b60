"""`openpose-py train RECIPE`: annotated pictures into a model. Heavy packages load when it runs."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openpose_py.errors import EXIT_DONE, UsageError

if TYPE_CHECKING:
    from openpose_py.train.recipe import Recipe


def main(
    recipe: Annotated[str, typer.Argument(help="A recipe: its name, or a .toml file.")],
    data: Annotated[str, typer.Option(help="Folder of the data sets.", metavar="DIR")] = ".",
    output: Annotated[
        str, typer.Option(help="Folder of the results; empty: the model's name.", metavar="DIR")
    ] = "",
    minutes: Annotated[
        float, typer.Option(help="Stop after so long, all saved; 0: never.", metavar="N")
    ] = 0.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where --output stands.")] = False,
    init: Annotated[
        str,
        typer.Option(help="Start from a .caffemodel, .pth or .safetensors.", metavar="FILE"),
    ] = "",
    steps: Annotated[int, typer.Option(help="Instead of the recipe's.", metavar="N")] = 0,
    batch: Annotated[int, typer.Option(help="Instead of the recipe's.", metavar="N")] = 0,
    refinements: Annotated[
        int,
        typer.Option(help="Instead of the recipe's: stages of Lightweight or GCCPM.", metavar="N"),
    ] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    workers: Annotated[
        int, typer.Option(help="Processes that make samples; 0: none beside.", metavar="N")
    ] = 0,
    plot: Annotated[
        bool, typer.Option("--plot", help="Write log.png: loss and AP (extra: train).")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Errors only.")] = False,
    logging_level: Annotated[
        int, typer.Option("--logging_level", help="1: all, 2: normal, 3: high.", metavar="N")
    ] = 2,
) -> int:
    """Trains a model: a recipe and annotated pictures in, a model card and weights out.

    openpose-py train body_25b_compact --data packs/ --output run1/ --minutes 60
    """
    from openpose_py.cli.messages import start_messages
    from openpose_py.cli.train_table import TrainTable
    from openpose_py.train.log_file import plot_log
    from openpose_py.train.loop import TrainOptions, train
    from openpose_py.train.recipe import find_recipe, read_recipe
    from openpose_py.train.validate import validation

    start_messages(logging_level, quiet)
    _check(minutes=minutes, steps=steps, batch=batch, refinements=refinements, workers=workers)
    given = {"steps": steps, "batch": batch, "refinements": refinements}
    chosen = _changed(read_recipe(find_recipe(recipe)), given)
    options = TrainOptions(
        data=Path(data), output=Path(output or chosen.name), minutes=minutes, resume=resume,
        init=Path(init) if init else None, device=device, workers=workers,
    )  # fmt: skip
    with TrainTable(chosen, quiet) as table:
        card = train(chosen, options, table.add, validation(chosen, options.data))
    if card:
        print(card)
    if card and plot:
        print(plot_log(options.output))
    return EXIT_DONE


def _check(**values: float) -> None:
    for name, value in values.items():
        if value < 0:
            raise UsageError(f"must not be negative, got {value}", where=f"--{name}")


def _changed(recipe: "Recipe", given: dict[str, int]) -> "Recipe":
    changes: dict[str, Any] = {key: value for key, value in given.items() if value}
    return dataclasses.replace(recipe, **changes)
