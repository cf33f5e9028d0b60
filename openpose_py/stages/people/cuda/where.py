"""Stage 3 of 5: maps -> people. Whether the kernels can run, and where; CuPy may be missing."""

import functools
import logging
from collections.abc import Callable

from openpose_py.errors import StageError
from openpose_py.records import Maps

CUDA = 2  # kDLCUDA of DLPack
INSTALL = "pip install 'openpose-py[cuda12]', or [cuda13] for a PyTorch with CUDA 13"
log = logging.getLogger(__name__)


def gpu_of(maps: Maps) -> int | None:
    """Number of the GPU on which the maps lie; None for maps in the computer's memory."""
    kind, number = maps.scales[0].__dlpack_device__()
    return int(number) if kind == CUDA else None


@functools.cache
def runs_on(gpu: int) -> bool:
    """Whether the kernels run on a GPU; says once why they do not."""
    reason = why_not(gpu)
    if reason:
        log.warning("people are put together on the CPU: %s", reason)
    return not reason


def why_not(gpu: int, build: Callable[[int], object] | None = None) -> str:
    """What keeps the kernels from running, and what to type; empty if nothing does. build: makes
    the kernels, by default through CuPy."""
    try:
        (build or _build)(gpu)
    except ModuleNotFoundError as problem:
        return f"{problem.name} is not installed ({INSTALL})"
    except ImportError as problem:
        return f"CuPy cannot be imported: {problem} ({INSTALL})"
    except StageError as problem:
        return f"{problem.what} ({INSTALL})"
    return ""


def _build(gpu: int) -> object:
    from openpose_py.stages.people.cuda.launch import kernels

    return kernels(gpu)
