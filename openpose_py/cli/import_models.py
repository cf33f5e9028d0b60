"""`openpose-py models import|convert`: weight files that are on this machine already."""

import sys
from pathlib import Path

from openpose_py.cli.models import written_to
from openpose_py.errors import (
    EXIT_DONE,
    EXIT_SOME_INPUTS_UNREADABLE,
    MissingModel,
    ModelFileError,
    UsageError,
)
from openpose_py.store.import_files import ENDINGS, import_file, weight_files
from openpose_py.weights.convert import convert_to_safetensors
from openpose_py.weights.find import CONVERTED


def import_models(source: str, name: str, model_folder: str, quiet: bool) -> int:
    """Prints the path of each copy. A folder: files that are no model are named and left."""
    path, folder = Path(source), written_to(model_folder)
    if not path.is_dir():
        _import_one(path, folder, name, quiet)
        return EXIT_DONE
    files = weight_files(path)
    if not files:
        raise MissingModel(
            "has no weight files", where=source, hint=f"endings: {', '.join(ENDINGS)}"
        )
    failed = 0
    for file in files:
        try:
            _import_one(file, folder, name, quiet)
        except (ModelFileError, UsageError) as problem:
            failed += 1
            print(f"openpose-py: {problem}", file=sys.stderr)
    if failed == len(files):
        raise ModelFileError("none of the files could be imported", where=source)
    return EXIT_SOME_INPUTS_UNREADABLE if failed else EXIT_DONE


def convert_file(file: str, output: str, quiet: bool) -> int:
    target = Path(output)
    if target.suffix != CONVERTED:
        raise UsageError(f"must end in {CONVERTED}", where=f"--output {output}")
    if not Path(file).exists():
        raise MissingModel("there is no such file", where=file)
    found, _ = convert_to_safetensors(Path(file), lambda _: target)
    print(target)
    if not quiet:
        print(f"{file}: holds {found.name}", file=sys.stderr)
    return EXIT_DONE


def _import_one(path: Path, folder: Path, name: str, quiet: bool) -> None:
    imported = import_file(path, folder, name)
    print(imported.path)
    if not quiet:
        print(f"{path}: {imported.card.name}", file=sys.stderr)
