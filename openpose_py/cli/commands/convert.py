"""`openpose-py convert DIR`: OpenPose's JSON into tables and other programs' files, and back."""

import math
from pathlib import Path
from typing import Annotated

import typer

from openpose_py.errors import UsageError, nearest

FORMATS = ("csv", "parquet", "jsonl", "coco", "trc", "mot", "json")


def main(
    source: Annotated[
        str, typer.Argument(metavar="DIR", help="A folder of JSON files; for json: a table.")
    ],
    to: Annotated[str, typer.Option(help=f"{', '.join(FORMATS)}.", metavar="FORMAT")],
    output: Annotated[
        str, typer.Option(help="File or folder to write; else named after DIR, beside it.")
    ] = "",
    fps: Annotated[
        float, typer.Option(help="Frames a second, for the times.", metavar="N")
    ] = 0.0,
    scale: Annotated[
        float, typer.Option(help="Metres a pixel; lengths are metres then.", metavar="N")
    ] = 0.0,
    angles: Annotated[
        bool, typer.Option("--angles", help="A table of angles instead of keypoints.")
    ] = False,
    model_pose: Annotated[
        str,
        typer.Option("--model_pose", help="Where several models have as many points.",
                     metavar="NAME"),
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Errors only.")] = False,
    logging_level: Annotated[
        int, typer.Option("--logging_level", help="1: all, 2: normal, 3: high.", metavar="N")
    ] = 3,
) -> int:  # fmt: skip
    """Folders of OpenPose's JSON, ours or the original's, as a table, and back.

    openpose-py convert out/ --to parquet --output walk.parquet --fps 30
    """
    from openpose_py.cli.messages import start_messages
    from openpose_py.tables.convert import Wish, convert

    start_messages(logging_level, quiet)
    if to not in FORMATS:
        hint = nearest(to, FORMATS) or f"formats: {', '.join(FORMATS)}"
        raise UsageError(f"there is no format {to!r}", where="--to", hint=hint)
    for name, value in (("fps", fps), ("scale", scale)):
        if not 0 <= value < math.inf:
            raise UsageError(f"must be a positive number, got {value:g}", where=f"--{name}")
    return convert(Path(source), Wish(to, output, scale, fps, angles, _known(model_pose)))


def _known(model: str) -> str:
    from openpose_py.zoo.cards import card_named

    return card_named(model).name if model else ""
