"""`openpose-py doctor`: what is used on this machine, why not more, and what to type."""

from pathlib import Path
from typing import Annotated

import typer

from openpose_py.errors import EXIT_DONE
from openpose_py.settings import Settings

CANNOT_RUN = 1


def main(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    model_folder: Annotated[
        str, typer.Option("--model_folder", help="Where the models are.", metavar="DIR")
    ] = Settings().model_folder,
) -> int:
    """What is used here and why not more: packages, GPU, precision, codecs, threads, files.

    openpose-py doctor

    Exit code 1 only where nothing could run at all.
    """
    from openpose_py.doctor.examine import as_json, as_text, can_run, examine
    from openpose_py.engines.no_reports import no_reports

    no_reports()
    findings = list(examine(Path(model_folder)))
    print(as_json(findings) if json else as_text(findings))
    return EXIT_DONE if can_run(findings) else CANNOT_RUN
