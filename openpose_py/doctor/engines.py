"""What can run networks: PyTorch on CPU or GPU, CuPy for the decoder there, OpenVINO, ONNX Runtime.

A package is imported, not only looked for: a broken one is worth a line.
"""

import ctypes
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Iterator
from typing import Any

from openpose_py.doctor.finding import LESS, OK, WRONG, Finding
from openpose_py.engines.cores import has_bf16

AREA = "network"
DRIVER = ("libcuda.so.1", "nvcuda.dll")
EXTRAS = {"openvino": "openvino", "onnxruntime": "onnx", "nncf": "int8"}
USES = {"openvino": "--engine openvino", "onnxruntime": "--engine onnxruntime",
        "nncf": "--precision int8"}  # fmt: skip
QUICK = ("openvino", "onnxruntime")  # the others take seconds to import


def engines() -> Iterator[Finding]:
    driver = driver_version()
    torch, problem = _imported("torch")
    if torch is None:
        hint = "type: pip install --force-reinstall torch"
        yield Finding(AREA, "PyTorch", WRONG, problem, hint)
    else:
        yield _torch(torch, driver)
        yield from _gpus(torch, driver)
    yield _precision(torch)
    for package, extra in EXTRAS.items():
        yield _package(package, extra)


def driver_version() -> tuple[int, int] | None:
    """The newest CUDA that the installed NVIDIA driver knows; None without a driver."""
    for name in DRIVER:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        found = ctypes.c_int()
        if library.cuDriverGetVersion(ctypes.byref(found)) == 0 and found.value:
            return found.value // 1000, found.value % 1000 // 10
    return None


def _torch(torch: Any, driver: tuple[int, int] | None) -> Finding:
    built = torch.version.cuda
    value = f"{torch.__version__} (for {'CUDA ' + built if built else 'the CPU'})"
    if driver is None:
        return Finding(AREA, "PyTorch", OK, value)
    newest = f"{driver[0]}.{driver[1]}"
    if not built:
        hint = f"there is an NVIDIA driver: install a PyTorch for CUDA {newest} or older"
        return Finding(AREA, "PyTorch", LESS, value, hint)
    if int(built.split(".")[0]) > driver[0]:
        hint = f"the driver knows CUDA {newest}: update it, or install a PyTorch for that"
        return Finding(AREA, "PyTorch", LESS, value, hint)
    return Finding(AREA, "PyTorch", OK, value)


def _gpus(torch: Any, driver: tuple[int, int] | None) -> Iterator[Finding]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        why = "no NVIDIA driver" if driver is None else "PyTorch sees none"
        yield Finding(AREA, "GPU", LESS, f"none: {why}", "networks run on the CPU")
        yield Finding(AREA, "CuPy", OK, f"{_version('cupy') or 'not installed'}, not needed")
        return
    for number in range(count):
        about = torch.cuda.get_device_properties(number)
        memory = f"{about.total_memory / 2**30:.0f} GiB"
        yield Finding(AREA, "GPU", OK, f"cuda:{number} {about.name}, {memory}")
    yield _cupy()


def _cupy() -> Finding:
    from openpose_py.stages.people.cuda.where import why_not

    reason = why_not(0)
    if reason:
        return Finding(AREA, "CuPy", LESS, "people are put together on the CPU", reason)
    return Finding(AREA, "CuPy", OK, f"{_version('cupy')}: people are put together on the GPU")


def _precision(torch: Any) -> Finding:
    if torch is not None and torch.cuda.is_available():
        names = ["fp32", "fp16", *(["bf16"] if torch.cuda.is_bf16_supported() else [])]
        return Finding(AREA, "precision", OK, ", ".join(names))
    if has_bf16():
        return Finding(AREA, "precision", OK, "fp32, bf16; faster: --precision bf16")
    return Finding(AREA, "precision", LESS, "fp32", "this processor has no bf16")


def _package(package: str, extra: str) -> Finding:
    hint, used = f'type: pip install "openpose-py[{extra}]"', f"for {USES[package]}"
    if importlib.util.find_spec(package) is None:
        return Finding(AREA, package, LESS, f"not installed, {used}", hint)
    if package in QUICK:
        found, problem = _imported(package)
        if found is None:
            return Finding(AREA, package, LESS, problem, hint)
    return Finding(AREA, package, OK, f"{_version(package)}, {used}")


def _imported(package: str) -> tuple[Any, str]:
    """The package, or None and why not."""
    try:
        return importlib.import_module(package), ""
    except ModuleNotFoundError:
        return None, "not installed"
    except (ImportError, OSError) as problem:
        return None, f"broken: {str(problem).splitlines()[0] if str(problem) else 'no reason'}"


def _version(module: str) -> str:
    """Of the package that brings the module, under whatever name it was installed."""
    names = (module, *(f"{module}-cuda{n}x" for n in (11, 12, 13)))
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""
