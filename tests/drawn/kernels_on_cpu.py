"""The CUDA kernels compiled as plain C++, as something that runs them."""

import ctypes
import functools
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import openpose_py.stages.people.cuda as cuda
from openpose_py.upsampling.axes import as_float32

SOURCES = Path(cuda.__file__).parent
NAMES = ("pixels.cu", "peaks.cu", "limbs.cu")
KERNELS = ("find_peaks", "sort_peaks", "score_limbs")
GXX = shutil.which("g++")
COMMAND = ("-std=c++20", "-O2", "-ffp-contract=off", "-shared", "-fPIC", "-pthread", "-x", "c++")


@functools.cache
def library(*flags: str) -> ctypes.CDLL:
    """Built once for each state of the sources."""
    included = "".join(f'#include "{SOURCES / name}"\n' for name in ("cuda_on_cpu.h", *NAMES))
    exported = "".join(f"auto {k}_on_cpu = &on_cpu<{k}>::run;\n" for k in KERNELS)
    program = f'{included}extern "C" {{\n{exported}}}\n'
    texts = [program, *flags, *COMMAND]
    texts += [(SOURCES / name).read_text() for name in ("cuda_on_cpu.h", *NAMES)]
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"openpose-py-kernels-{digest}.so"
    if not path.exists():
        with tempfile.TemporaryDirectory() as folder:
            built = Path(folder) / path.name
            command = [GXX or "g++", *COMMAND, *flags, "-", "-o", str(built)]
            subprocess.run(command, input=program, text=True, check=True)
            shutil.move(built, path)
    return ctypes.CDLL(str(path))


class OnCpu:
    """A `Processor` of `kernel_decoder`. threads: of each block, real ones."""

    arrays = np

    def __init__(self, threads: int = 1, flags: tuple[str, ...] = ()) -> None:
        self._library, self._threads = library(*flags), threads

    def flat(self, scales: tuple[Any, ...]) -> np.ndarray:
        return np.concatenate([as_float32(scale).ravel() for scale in scales])

    def launch(self, kernel: str, blocks: tuple[int, int, int], *arguments: Any) -> None:
        run = ctypes.c_void_p.in_dll(self._library, f"{kernel}_on_cpu").value
        words = [ctypes.c_uint(number) for number in (*blocks, self._threads)]
        words += [_word(argument) for argument in arguments]
        ctypes.CFUNCTYPE(None, *(type(word) for word in words))(run)(*words)

    def fetch(self, array: np.ndarray) -> np.ndarray:
        return array


def _word(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return ctypes.c_void_p(argument.ctypes.data)
    return {np.int32: ctypes.c_int, np.float32: ctypes.c_float}[type(argument)](argument.item())
