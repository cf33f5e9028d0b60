"""`openpose-py export MODEL_OR_WEIGHTS`: a network in another program's format."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from openpose_py.errors import EXIT_DONE, MissingModel, UsageError, nearest

FORMATS = ("caffemodel",)


def main(
    model: Annotated[
        str, typer.Argument(help="A weight file, or the name of a model below --model_folder.")
    ],
    output: Annotated[str, typer.Option(help="The file to write.", metavar="FILE")],
    format: Annotated[str, typer.Option(help="caffemodel: for the original OpenPose.")] = FORMATS[
        0
    ],
    model_folder: Annotated[
        str, typer.Option("--model_folder", help="Where the models are.", metavar="DIR")
    ] = "models/",
    quiet: Annotated[bool, typer.Option("--quiet", help="Errors only.")] = False,
    logging_level: Annotated[
        int, typer.Option("--logging_level", help="1: all, 2: normal, 3: high.", metavar="N")
    ] = 3,
) -> int:
    """Writes a network for another program, and prints what is written.

    openpose-py export run1/mine.safetensors --output mine.caffemodel
    """
    from openpose_py.cli.messages import start_messages
    from openpose_py.export.caffemodel import write_caffemodel
    from openpose_py.weights.load import load_network

    start_messages(logging_level, quiet)
    if format not in FORMATS:
        hint = nearest(format, FORMATS) or f"formats: {', '.join(FORMATS)}"
        raise UsageError(f"there is no format {format!r}", where="--format", hint=hint)
    target = Path(output)
    if target.suffix != ".caffemodel":
        raise UsageError("must end in .caffemodel", where=f"--output {output}")
    _, network = load_network(*_weights(model, model_folder))
    description = write_caffemodel(network, target)
    print(target)
    print(description)
    return EXIT_DONE


def _weights(model: str, model_folder: str) -> tuple[Path, Sequence[str]]:
    """The file, and the networks that it may hold."""
    from openpose_py.networks import NETWORKS
    from openpose_py.weights.find import find_weights
    from openpose_py.zoo.cards import card_named

    path = Path(model)
    if path.is_file():
        return path, tuple(NETWORKS)
    if path.suffix:
        raise MissingModel("there is no such file", where=model)
    card = card_named(model)
    return find_weights(card, Path(model_folder)), card.networks
