"""Where `models/` is: inside the installed package, or beside it in a checkout."""

import functools
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


@functools.cache
def models_folder() -> Path:
    """The folder of skeletons and cards."""
    installed = PACKAGE / "models"
    return installed if installed.is_dir() else PACKAGE.parent / "models"
