"""The files of a video's spans as those of one piece."""

import os
import shutil
from pathlib import Path

from openpose_py.batch.done_record import RECORD, difference, read_record
from openpose_py.batch.job import Done, Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.spans import CannotCut, span_job
from openpose_py.stages.writers.whole_file import cannot_write
from openpose_py.zoo.coco_orders import coco_orders

# of COCO's file around its people, see `stages/writers/coco_json.py`
BEGIN, END, NOBODY = b"[", b"\n]\n", b"\n\t"


def joined(job: Job, kit: Kit, folder: Path) -> Done:
    """Into `folder`; all spans are done."""
    frames, people, seconds = 0, 0, 0.0
    parts = []
    for span in job.spans:
        part = span_job(job, span)
        found = read_record(part.target)
        if found is None or difference(found.work, kit.work(part)):
            raise CannotCut("changed meanwhile", where=job.path)
        frames, people = frames + found.done.frames, people + found.done.people
        seconds += found.done.seconds
        parts.append(Path(part.target))
    pattern = kit.settings(job, folder).write_coco_json
    in_one = _coco_names(Path(pattern).relative_to(folder)) if pattern else []
    for part_folder in parts:
        _link_all(part_folder, folder, {part_folder / name for name in in_one})
    for name in in_one:
        if (parts[0] / name).exists():
            join_coco([part_folder / name for part_folder in parts], folder / name)
    return Done(frames, people, seconds)


def _coco_names(path: Path) -> list[Path]:
    """--write_coco_json makes one file of a whole video, and more for further variants."""
    return [path.with_name(f"{path.stem}{one.suffix}{path.suffix}") for one in coco_orders()]


def join_coco(parts: list[Path], path: Path) -> None:
    """Into `path`, as if one run had written it."""
    try:
        with path.open("wb") as file:
            file.write(BEGIN)
            empty = True
            for part in parts:
                people = part.read_bytes().removeprefix(BEGIN).removesuffix(END)
                if people != NOBODY:
                    file.write(people if empty else b"," + people)
                    empty = False
            file.write(NOBODY + END if empty else END)
    except OSError as problem:
        raise cannot_write(path, problem) from problem


def _link_all(source: Path, folder: Path, but: set[Path]) -> None:
    """Every file but the record under a second name; where that cannot be, a copy."""
    for parent, _, names in os.walk(source):
        below = folder / Path(parent).relative_to(source)
        try:
            below.mkdir(exist_ok=True)
            for name in names:
                if name != RECORD and Path(parent, name) not in but:
                    _link(Path(parent, name), below / name)
        except OSError as problem:
            raise cannot_write(below, problem) from problem


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
