"""Stage 3 of 5: maps -> people. The kernels on a GPU, through CuPy.

Torch tensors are read where they lie, through DLPack, which makes CuPy's stream wait for torch's
current one where they differ; by default both are the same.
"""

import functools
import threading
from pathlib import Path
from typing import Any

import cupy
import numpy as np

from openpose_py.errors import StageError
from openpose_py.records import Maps, Peaks
from openpose_py.stages.people.cuda.kernel_decoder import KernelDecoder
from openpose_py.stages.people.options import DecodeOptions, Links
from openpose_py.upsampling.axes import as_float32
from openpose_py.zoo.skeletons import Skeleton

FOLDER = Path(__file__).parent
SOURCES = ("pixels.cu", "peaks.cu", "limbs.cu")
KERNELS = ("find_peaks", "sort_peaks", "score_limbs")
OPTIONS = ("--std=c++17", "--fmad=false")  # a fused multiply-add would move peaks and scores
THREADS = 128  # of a block


def peaks_and_links(
    maps: Maps, skeleton: Skeleton, options: DecodeOptions, device: int
) -> tuple[Peaks, Links]:
    """See `KernelDecoder`. device: number of the GPU on which the maps lie, if they lie on one."""
    decoders: dict[int, KernelDecoder] = _kept.__dict__.setdefault("decoders", {})
    with cupy.cuda.Device(device):
        try:
            if device not in decoders:
                decoders[device] = KernelDecoder(Gpu(device))
            return decoders[device].peaks_and_links(maps, skeleton, options)
        except cupy.cuda.memory.OutOfMemoryError as problem:
            raise StageError(
                "out of GPU memory while people are put together",
                hint="use a smaller --net_resolution, for example -1x256",
            ) from problem


_kept = threading.local()


def source() -> str:
    """The kernels as one text."""
    return "\n".join((FOLDER / name).read_text() for name in SOURCES)


@functools.cache
def kernels(device: int) -> dict[str, Any]:
    """Compiled for a GPU, or from CuPy's cache on disk."""
    try:
        with cupy.cuda.Device(device):
            module = cupy.RawModule(code=source(), options=OPTIONS)
            return {name: module.get_function(name) for name in KERNELS}
    except (RuntimeError, OSError, cupy.cuda.compiler.CompileException) as problem:
        first_line = str(problem).strip().partition("\n")[0]
        raise StageError(f"CuPy cannot build the kernels: {first_line}") from problem


class Gpu:
    """A `Processor`: the current device, its current stream. For one thread."""

    arrays = cupy

    def __init__(self, device: int) -> None:
        self._kernels = kernels(device)
        self._pinned = np.zeros(0, np.int32)

    def flat(self, scales: tuple[Any, ...]) -> Any:
        """Of a single scale of contiguous float32, its own memory."""
        flat = [_on_gpu(scale).ravel() for scale in scales]
        return flat[0] if len(flat) == 1 else cupy.concatenate(flat)

    def launch(self, kernel: str, blocks: tuple[int, int, int], *arguments: Any) -> None:
        self._kernels[kernel](blocks, (THREADS, 1, 1), arguments)

    def fetch(self, array: Any) -> np.ndarray:
        if self._pinned.shape != array.shape:
            memory = cupy.cuda.alloc_pinned_memory(array.nbytes)
            self._pinned = np.ndarray(array.shape, array.dtype, buffer=memory)
        array.get(out=self._pinned)
        return self._pinned


def _on_gpu(scale: Any) -> Any:
    """float32, C order. scale: a torch tensor, or a numpy array."""
    if isinstance(scale, np.ndarray):
        return cupy.asarray(as_float32(scale))
    return cupy.ascontiguousarray(cupy.from_dlpack(scale.detach()), dtype=np.float32)
