"""`openpose-py eval TRUTH [CANDIDATE...]`: how well people are found, against ground truth."""

import dataclasses
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable

from openpose_py.checks import check, check_value
from openpose_py.cli.messages import start_messages
from openpose_py.cli.progress import RunProgress
from openpose_py.errors import EXIT_DONE, EXIT_SOME_INPUTS_UNREADABLE, InputError, UsageError
from openpose_py.evaluate.candidates import (
    BEST_OF_ALL,
    ONE_SCALE,
    Candidate,
    Load,
    candidates,
    with_preset,
)
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import Judgement, by_picture, judge, worst_pictures
from openpose_py.evaluate.nobody import count_nobody
from openpose_py.evaluate.options import EvaluateOptions, options
from openpose_py.evaluate.people import Found, GroundTruth
from openpose_py.evaluate.report import Table, as_data, notes, number, tables
from openpose_py.evaluate.results_out import write_results, write_submission
from openpose_py.settings import Settings
from openpose_py.stages.writers.whole_file import output_folder

log = logging.getLogger("openpose_py.evaluate")
OWN = {field.name for field in dataclasses.fields(EvaluateOptions)}


def evaluate(truth: str = "", paths: Sequence[str] = (), **values: Any) -> int:
    """Runs one evaluation; returns the exit code. Figures go to stdout, all else to stderr.

    values: the flags of a run, and those of EvaluateOptions.
    """
    chosen = EvaluateOptions(**{key: values[key] for key in OWN if key in values})
    flags = _flags({key: value for key, value in values.items() if key not in OWN}, chosen)
    start_messages(flags["logging_level"], flags["quiet"])
    _check(truth, list(paths), chosen)
    data: dict[str, Any] = {}
    unreadable: list[str] = []
    if chosen.nobody:
        data["nobody"] = _nobody(chosen, flags)
    if truth:
        data["candidates"] = _against_truth(Path(truth), list(paths), chosen, flags, unreadable)
    if chosen.as_json:
        print(json.dumps(data, indent=2))
    for line in unreadable:
        log.error(line)
    return EXIT_SOME_INPUTS_UNREADABLE if unreadable else EXIT_DONE


def _flags(values: dict[str, Any], chosen: EvaluateOptions) -> dict[str, Any]:
    """All flags of a run, with the preset."""
    flags = {**dataclasses.asdict(Settings()), **values}
    if chosen.one_scale:
        flags = with_preset(flags, ONE_SCALE)
    if chosen.max_accuracy:
        flags = with_preset(flags, BEST_OF_ALL)
    return flags


def _check(truth: str, paths: list[str], chosen: EvaluateOptions) -> None:
    for row in options():
        check_value(row, getattr(chosen, row.field))
    if chosen.one_scale and chosen.max_accuracy:
        raise UsageError("choose one of them", where="--one_scale and --max_accuracy")
    if not truth and not chosen.nobody:
        raise UsageError("a ground truth is missing", where="TRUTH",
                         hint="type: openpose-py eval TRUTH.json [CANDIDATE...]")  # fmt: skip
    if chosen.compare and len(paths) != 2:
        raise UsageError(f"wants two candidates, got {len(paths)}", where="--compare",
                         hint="type: openpose-py eval TRUTH.json --compare A B")  # fmt: skip
    files = (chosen.results_out, chosen.submission, chosen.sheet if chosen.compare else "")
    for file in filter(None, files):  # before an hour of work, not behind it
        output_folder(str(Path(file).parent))
    if chosen.visualize:
        output_folder(chosen.visualize)


def _nobody(chosen: EvaluateOptions, flags: dict[str, Any]) -> dict[str, int]:
    candidate = Candidate(flags["model_pose"], flags, chosen.flip, chosen.person_score)
    with RunProgress(None, flags["quiet"]) as progress:
        counted = count_nobody(Path(chosen.nobody), candidate, progress.count)
    if not chosen.as_json:
        print(counted.sentence())
    return dataclasses.asdict(counted)


def _against_truth(
    path: Path,
    paths: list[str],
    chosen: EvaluateOptions,
    flags: dict[str, Any],
    unreadable: list[str],
) -> list[dict[str, Any]]:
    """The figures of all candidates. unreadable: gets a line for each picture left out."""
    truth = read_ground_truth(path)
    loads = candidates(paths, truth, flags, chosen.flip, chosen.person_score)
    if len(loads) > 1 and (chosen.results_out or chosen.submission):
        raise UsageError(f"holds one candidate, not {len(loads)}",
                         where="--results_out and --submission")  # fmt: skip
    pictures = _pictures(path, flags["image_dir"])
    found = [_load(one, truth, pictures, flags["quiet"]) for one in loads]
    unreadable += dict.fromkeys(line for one in found for line in one.unreadable)
    _write(truth, found, chosen)
    if not truth.annotated:
        log.warning("%s: has no annotations, so there are no figures", path)
        return []
    judgements = [judge(truth, one) for one in found]
    if not chosen.as_json:
        _print(judgements)
    data = as_data(judgements)
    if chosen.compare:
        _compare(truth, found, pictures, chosen, data)
    if chosen.visualize:
        _visualize(truth, found, pictures, Path(chosen.visualize))
    return data


def _pictures(truth: Path, image_dir: str) -> Path:
    """The folder of the pictures: --image_dir, or `images` beside the ground truth."""
    return Path(image_dir) if image_dir else truth.parent / "images"


def _load(one: Load, truth: GroundTruth, pictures: Path, quiet: bool) -> Found:
    if not isinstance(one, Candidate):
        return one()
    check(Settings(**one.flags))
    if not pictures.is_dir():
        raise InputError("the folder of the pictures is not there", where=str(pictures),
                         hint="name it: --image_dir DIR")  # fmt: skip
    from openpose_py.evaluate.run_model import ready, run_model

    estimator = ready(one, pictures)
    with RunProgress(len(truth.pictures), quiet) as progress:
        return run_model(one, estimator, truth, progress.count)


def _write(truth: GroundTruth, found: list[Found], chosen: EvaluateOptions) -> None:
    if chosen.results_out:
        write_results(Path(chosen.results_out), truth, found[0])
        log.warning("%s is written", chosen.results_out)
    if chosen.submission:
        inside = write_submission(Path(chosen.submission), truth, found[0])
        log.warning("%s is written, with %s", chosen.submission, inside)


def _print(judgements: list[Judgement]) -> None:
    for table in tables(judgements):
        _show(table)
    for one in judgements:
        for line in notes(one):
            print(f"{one.name}: {line}")


def _show(table: Table) -> None:
    """A title and a table that fits a terminal of 80 columns."""
    shown = RichTable(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 0, 0, 1))
    shown.add_column(table.header[0], overflow="fold")
    for name in table.header[1:]:
        shown.add_column(name, justify="right", overflow="fold", min_width=min(5, len(name)))
    for row, cells in enumerate(table.rows):
        shown.add_row(*cells, style="bold" if row == table.best else None)
    console = Console()
    console.print(table.title, style="bold", highlight=False)
    console.print(shown)


def _compare(
    truth: GroundTruth,
    found: list[Found],
    pictures: Path,
    chosen: EvaluateOptions,
    data: list[dict[str, Any]],
) -> None:
    """The pictures in which the second candidate falls behind most: a table and a sheet."""
    figures = [by_picture(truth, one) for one in found]
    worst = worst_pictures(figures[0], figures[1], chosen.worst)
    rows = [
        (truth.pictures[one].file, *(number(values[one]) for values in figures)) for one in worst
    ]
    for one, values in zip(data, figures, strict=True):
        one["worst"] = {truth.pictures[each].file: values[each] for each in worst}
    if not chosen.as_json:
        title = f"worst pictures of {found[1].name} beside {found[0].name}"
        _show(Table(title, ("picture", *(one.name for one in found)), tuple(rows)))
    if worst and pictures.is_dir():
        _draw_sheet(truth, found, pictures, chosen.sheet, worst, figures)
    else:
        log.warning("no sheet: %s is not there; name the pictures' folder: --image_dir", pictures)


def _draw_sheet(
    truth: GroundTruth,
    found: list[Found],
    pictures: Path,
    path: str,
    worst: list[int],
    figures: list[list[float]],
) -> None:
    from openpose_py.evaluate import sheet

    rows = []
    for one in worst:
        picture = truth.pictures[one]
        panels = [sheet.true_panel(truth, picture)]
        for each, values in zip(found, figures, strict=True):
            panels.append(sheet.found_panel(each, picture, number(values[one])))
        pixels = sheet.read_picture(pictures, picture)
        rows.append(sheet.side_by_side(pixels, panels, sheet.SHEET_PANEL))
    sheet.write_picture(Path(path), sheet.stacked(rows))
    log.warning("%s is written", path)


def _visualize(truth: GroundTruth, found: list[Found], pictures: Path, folder: Path) -> None:
    from openpose_py.evaluate import sheet

    for picture in truth.pictures:
        panels = [sheet.true_panel(truth, picture)]
        panels += [sheet.found_panel(one, picture) for one in found]
        drawn = sheet.side_by_side(sheet.read_picture(pictures, picture), panels)
        sheet.write_picture(folder / f"{Path(picture.file).stem}_eval.jpg", drawn)
