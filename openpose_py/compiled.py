"""How kernels are compiled: numba's settings in one place, and a cache that notices every change.

Numba keeps compiled kernels beside their file and looks at the age of that file alone; a kernel
that calls one of another file would go on with the old one after an upgrade. So the cache lies in
a folder of its own for each state of the package's sources.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numba

PACKAGE = Path(__file__).resolve().parent
WITH_KERNELS = ("compiled.py", "stages/p*/*.py", "train/targets.py", "upsampling/*.py")


def _key() -> str:
    """Of names, sizes and ages of the sources: to read them would take longer."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(path for pattern in WITH_KERNELS for path in PACKAGE.glob(pattern)):
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _folder() -> str:
    """A folder that can be written, or an empty name: then numba finds a place by itself."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "openpose-py" / f"kernels-{_key()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except (OSError, RuntimeError):
        return ""


if not numba.config.CACHE_DIR:  # NUMBA_CACHE_DIR is the user's own wish
    numba.config.CACHE_DIR = _folder()

# LLVM's vectoriser for straight-line code, which numba leaves off, makes one vector of the eight
# values of a row of a tile: ten times as fast.
numba.config.SLP_VECTORIZE = 1

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
inlined = numba.njit(nogil=True, cache=True, error_model="numpy", forceinline=True)
