"""A file that is written bit by bit into a folder that may have to be made first."""

from contextlib import AbstractContextManager
from pathlib import Path

from openpose_py.stages.writers import whole_file


def growing(path: Path) -> AbstractContextManager[Path]:
    """See `whole_file.growing`; the file's folder is made."""
    whole_file.output_folder(str(path.parent))
    return whole_file.growing(path)
