"""`openpose-py bench`: how fast this machine is, beside what else is installed."""

from pathlib import Path
from typing import Annotated

import typer

from openpose_py.errors import EXIT_DONE, UsageError, nearest
from openpose_py.settings import Settings

NAMES = ("decoder", "drawing", "networks", "growth", "claims", "whole", "memory")
SECONDS = {True: 10.0, False: 1.5}  # for one case, by `full`


def main(
    sections: Annotated[
        list[str] | None,
        typer.Argument(help=f"{', '.join(NAMES)}; none: all but memory.", metavar="SECTION"),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full/--quick", help="Everything, for minutes to hours.")
    ] = False,
    json: Annotated[str, typer.Option(help="Also write the numbers there.", metavar="FILE")] = "",
    output: Annotated[
        str,
        typer.Option(help="Folder for numbers, tables and plots named by date.", metavar="DIR"),
    ] = "",
    model_folder: Annotated[
        str, typer.Option("--model_folder", help="Where the models are.", metavar="DIR")
    ] = Settings().model_folder,
    quiet: Annotated[bool, typer.Option("--quiet", help="Nothing until the end.")] = False,
) -> int:
    """Measures networks, stages and the whole way, in turns with what else is installed.

    openpose-py bench --json numbers.json

    Networks without a weight file get random weights, which are as fast.
    """
    for name in sections or ():
        if name not in NAMES:
            hint = nearest(name, NAMES) or f"sections: {', '.join(NAMES)}"
            raise UsageError(f"there is no section {name!r}", where="bench", hint=hint)
    from openpose_py.bench.about import about, sentence
    from openpose_py.bench.rows import Plan
    from openpose_py.bench.sections import USUAL, as_json, measured, save
    from openpose_py.bench.tables import as_text
    from openpose_py.engines.no_reports import no_reports
    from openpose_py.engines.open import network_threads
    from openpose_py.stages.writers.whole_file import output_folder, write_whole

    no_reports()
    for folder in filter(None, (output, json and str(Path(json).parent))):
        output_folder(folder)  # complains before anything is measured
    plan = Plan(full, Path(model_folder), network_threads(), SECONDS[full])
    facts = about(plan.threads)
    rows = measured(sections or USUAL, plan, quiet)
    print(f"{sentence(facts)}\n\n{as_text(rows)}")
    if json:
        write_whole(Path(json), as_json(rows, facts))
    if output:
        for path in save(rows, facts, output, "full" if full else "quick"):
            print(path)
    return EXIT_DONE
