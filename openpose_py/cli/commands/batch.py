"""`openpose-py batch INPUT... --output DIR`: many inputs, each whole or not at all."""

from typing import Annotated, Any

import typer

STATUS = "status"


def main(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Videos, folders, patterns, a list (.txt), a manifest (.csv: path, id, any flag); "
            "or: status DIR."
        ),
    ] = None,
    **values: Any,
) -> int:
    """Many videos and folders of pictures; type the same again and only what is missing is done.

    openpose-py batch clips/ --output out/ --write_json json/ --write_video {stem}.mp4

    openpose-py batch status out/
    """
    words = inputs or []
    if len(words) == 2 and words[0] == STATUS:
        from openpose_py.cli.batch_status import status

        return status(words[1])
    from openpose_py.cli.batch import batch

    return batch(words, **values)
