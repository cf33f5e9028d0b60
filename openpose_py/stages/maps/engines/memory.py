"""Stage 2 of 5: frame -> maps. What becomes of a run when memory does not suffice."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from openpose_py.errors import StageError
from openpose_py.records import Size
from openpose_py.stages.maps.sizes import MULTIPLE, rounded

T = TypeVar("T")
R = TypeVar("R")
SAYINGS = (  # of PyTorch's RuntimeErrors: CUDA, the CPU's allocator, cuDNN and cuBLAS
    "out of memory", "allocate memory", "not enough memory", "ALLOC_FAILED",
)  # fmt: skip
log = logging.getLogger(__name__)


class Batches:
    """How much of a batch fits into memory, learned on the way."""

    def __init__(self) -> None:
        self._most = sys.maxsize
        self._said = False

    def run(
        self,
        items: Sequence[T],
        work: Callable[[Sequence[T]], R],
        refusal: Callable[[Sequence[T]], StageError],
    ) -> Iterator[R]:
        """`work` of all items at once; where memory does not suffice, of halves, from then on.

        refusal: what to raise where not even one item fits.
        """
        done = 0
        while done < len(items):
            batch = items[done : done + self._most]
            answer = attempt(work, batch)
            if answer is not None:
                self._say()
                yield answer
                done += len(batch)
            elif len(batch) == 1:
                raise refusal(batch)
            else:
                self._most = len(batch) // 2

    def _say(self) -> None:
        if self._most < sys.maxsize and not self._said:
            self._said = True
            log.warning("out of memory: the run goes on with batches of %d", self._most)


def attempt(work: Callable[[T], R], given: T) -> R | None:
    """None: memory did not suffice. By then all that `work` had taken is free again."""
    try:
        return work(given)
    except (RuntimeError, MemoryError) as problem:
        if not _is_out_of_memory(problem):
            raise
        return None


def _is_out_of_memory(problem: Exception) -> bool:
    if isinstance(problem, torch.OutOfMemoryError | MemoryError):
        return True
    return any(saying in str(problem) for saying in SAYINGS)


def largest_fitting(sizes: Sequence[Size], fits: Callable[[list[Size]], bool]) -> Size | None:
    """The largest input of the shape of `sizes`, one a scale, that fits; its first scale.

    Tried by bisection over the heights; None: not even the smallest fits.
    """
    low, high = 0, sizes[0][1] // MULTIPLE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(_lowered(sizes, middle)) else (low, middle)
    return _lowered(sizes, low)[0] if low else None


def _lowered(sizes: Sequence[Size], steps: int) -> list[Size]:
    """In the same shapes, the first so many times 16 high."""
    factor = steps / sizes[0][1]
    width, height = ([max(1, rounded(side * factor)) * MULTIPLE for side in row]
                     for row in zip(*sizes, strict=True))  # fmt: skip
    return list(zip(width, height, strict=True))
