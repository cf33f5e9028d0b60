"""A file that is written bit by bit and appears whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from openpose_py.stages.writers.whole_file import (
    cannot_write,
    output_folder,
    remove_quietly,
    temporary_beside,
)


@contextlib.contextmanager
def growing(path: Path) -> Iterator[Path]:
    """The name to write to; at the end it becomes `path`, unless something went wrong."""
    output_folder(str(path.parent))
    temporary = temporary_beside(path)
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as problem:
        raise cannot_write(path, problem) from problem
    finally:
        remove_quietly(temporary)
