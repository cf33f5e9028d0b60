"""`openpose-py report PEOPLE`: a page to look at people over time."""

from pathlib import Path
from typing import Annotated

import typer

from openpose_py.errors import EXIT_DONE, UsageError


def main(
    people: Annotated[
        str, typer.Argument(help="A folder of OpenPose's JSON, one such file, or a page's JSON.")
    ],
    video: Annotated[
        str, typer.Option(help="The video they were found in, to be shown.", metavar="FILE")
    ] = "",
    image_dir: Annotated[
        str, typer.Option("--image_dir", help="The pictures instead.", metavar="DIR")
    ] = "",
    output: Annotated[str, typer.Option(help="The page to write.", metavar="FILE")] = "report.html",
    embed: Annotated[
        bool, typer.Option("--embed", help="Put video or pictures into the page.")
    ] = False,
    fps: Annotated[float, typer.Option(help="Frames a second; 0: the video's.", metavar="X")] = 0.0,
    model_pose: Annotated[
        str,
        typer.Option("--model_pose", help="Whose parts they are; empty: by their number."),
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Errors only.")] = False,
    logging_level: Annotated[
        int, typer.Option("--logging_level", help="1: all, 2: normal, 3: high.", metavar="N")
    ] = 3,
) -> int:
    """Writes one page with people over time: video, skeletons, timeline, plots, tables.

    openpose-py report out/ --video walk.mp4 --output walk.html
    """
    import logging

    from openpose_py.cli.messages import start_messages
    from openpose_py.report.write_report import ReportOptions, write_report

    start_messages(logging_level, quiet)
    _check(video, image_dir, fps, embed)
    page = Path(output)
    options = ReportOptions(Path(people), page, video, image_dir, embed, fps, model_pose)
    for notice in write_report(options):
        logging.getLogger("openpose_py.report").warning(notice)
    print(page)
    return EXIT_DONE


def _check(video: str, image_dir: str, fps: float, embed: bool) -> None:
    if video and image_dir:
        raise UsageError("only one of them", where="--video and --image_dir")
    if embed and not video and not image_dir:
        raise UsageError("there is nothing to embed", where="--embed", hint="add --video FILE")
    if not 0 <= fps < 100_000:
        raise UsageError(f"must be 0 or more, got {fps:g}", where="--fps")
