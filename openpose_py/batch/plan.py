"""Inputs -> jobs: a name and a folder for each, the same in every run and every shard."""

import dataclasses
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence

from openpose_py.batch.addresses import below, is_web, place_of
from openpose_py.batch.entries import Entry, entries
from openpose_py.batch.job import WRITES, Job, check_below, check_pattern, filled
from openpose_py.checks import check
from openpose_py.errors import UsageError
from openpose_py.settings import Settings, flags

RESERVED = frozenset(("summary.csv", "summary.parquet", "failed.csv"))  # files beside the folders
SHOWN = 5  # name clashes that are spelled out
# what a batch decides itself
NOT_IN_A_BATCH = ("image_dir", "video", "ip_camera", "camera", "frames_repeat", "process_real_time",
                  "cli_verbose", "fps_max", "fullscreen", "profile")  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """jobs: in the order of the inputs. root: the folder that reports go to."""

    jobs: list[Job]
    root: str
    notices: tuple[str, ...]


def plan(words: Sequence[str], output: str, base: Settings) -> Plan:
    """The jobs for all inputs. base: the flags that they share."""
    if not words:
        raise UsageError("name files, folders, patterns, a list (.txt) or a manifest (.csv)",
                         where="inputs", hint="openpose-py batch clips/ --output out/")  # fmt: skip
    if not output:
        raise UsageError("is needed: a folder for the results", where="--output")
    if is_web(output):
        raise UsageError("a web server takes no results", where=f"--output {output}",
                         hint="use a folder, s3:// or gs://")  # fmt: skip
    _check_flags(base)
    check_pattern(output, "output")
    by_place = _without_doubles(entries(words))
    found, places = list(by_place.values()), [place for place, _, _ in by_place]
    _check_rows(found, base)
    pattern = output if "{" in output else below(output.rstrip("/") or "/", "{id}")
    ids = _ids(found, places)
    targets = [filled(pattern, entry.path, id) for entry, id in zip(found, ids, strict=True)]
    _part(targets, pattern, found, ids)
    jobs = [
        Job(entry.path, id, target, entry.flags)
        for entry, id, target in zip(found, ids, targets, strict=True)
    ]
    root = output.partition("{")[0]
    root = output if root == output else os.path.dirname(root) or "."
    return Plan(jobs, root, _renamed(found, places, ids))


def _check_flags(base: Settings) -> None:
    defaults = Settings()
    for name in NOT_IN_A_BATCH:
        if getattr(base, name) != getattr(defaults, name):
            raise UsageError("is not for a batch", where=f"--{name}",
                             hint="inputs are named without a flag")  # fmt: skip
    for name in WRITES:
        check_below(getattr(base, name), name)


Place = tuple[str, str, object]  # absolute path, id, flags


def _without_doubles(found: Iterable[Entry]) -> dict[Place, Entry]:
    """An input that is named twice, with the same id and flags, is one."""
    seen: dict[Place, Entry] = {}
    for entry in found:
        seen.setdefault((place_of(entry.path), entry.id, entry.flags), entry)
    return seen


def _check_rows(found: list[Entry], base: Settings) -> None:
    """The checks of a run for every combination of flags in a manifest."""
    names = {flag.field: flag.name for flag in flags()}
    for row in {entry.flags for entry in found if entry.flags}:
        for field, value in row:
            if field in WRITES:
                check_below(value, names[field])
        check(dataclasses.replace(base, **dict(row), video="input.mp4"))


def _ids(found: list[Entry], places: list[str]) -> list[str]:
    """A name for each that no other has: the manifest's, else the stem of the file, where another
    has the same with the names of the folders above in front. places: absolute paths.

    Which name an input gets does not depend on the order.
    """
    given = [entry.id for entry in found]
    _refuse_equal(given)
    ids = [id or _stem(place) for id, place in zip(given, places, strict=True)]
    above = {n: os.path.dirname(places[n]) for n in _clashes(ids) if not given[n]}
    beside: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, folder in above.items():
        beside[folder, ids[number].casefold()].append(number)
    for numbers in beside.values():
        for number in numbers if len(numbers) > 1 else ():
            ids[number] = os.path.basename(places[number])
    while clashing := [n for n in _clashes(ids) if above.get(n, os.sep) != os.sep]:
        for number in clashing:
            above[number], name = os.path.split(above[number])
            ids[number] = f"{name}_{ids[number]}"
    for number in _clashes(ids):
        if not given[number]:
            ids[number] = f"{ids[number]}_{number}"
    return ids


def _stem(place: str) -> str:
    return os.path.splitext(os.path.basename(place))[0]


def _clashes(ids: list[str]) -> list[int]:
    """Which of them have the name of another, or one of ours; letter case does not count."""
    count: dict[str, int] = defaultdict(int)
    for id in ids:
        count[id.casefold()] += 1
    return [n for n, id in enumerate(ids) if count[id.casefold()] > 1 or id in RESERVED]


def _refuse_equal(given: list[str]) -> None:
    seen: set[str] = set()
    for id in given:
        if id and id.casefold() in seen:
            raise UsageError(f"the id {id!r} is given to several inputs", where="manifest")
        seen.add(id.casefold())


def _part(targets: list[str], pattern: str, found: list[Entry], ids: list[str]) -> None:
    """Gives inputs whose folder would be that of another their id in place of {stem}."""
    for number in _clashes(targets):
        with_id = pattern.replace("{stem}", "{id}")
        targets[number] = filled(with_id, found[number].path, ids[number])
    still = _clashes(targets)
    if still:
        raise UsageError(
            f"{found[still[0]].path} and {found[still[-1]].path} would both go to "
            f"{targets[still[0]]}", where=f"--output {pattern}", hint="use {id} in it",
        )  # fmt: skip


def _renamed(found: list[Entry], places: list[str], ids: list[str]) -> tuple[str, ...]:
    renamed = [
        f"{entry.path} is named {id}: another input has the name {_stem(place)}"
        for entry, place, id in zip(found, places, ids, strict=True)
        if not entry.id and id != _stem(place)
    ]
    more = [f"and {len(renamed) - SHOWN} more"] if len(renamed) > SHOWN else []
    return (*renamed[:SHOWN], *more)
