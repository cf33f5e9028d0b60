"""The machine and the versions that numbers belong to."""

import datetime
import importlib.metadata
import os
import platform
from typing import Any

from openpose_py.engines.cores import processor, usable_cores

PACKAGES = (
    "openpose-py", "torch", "numpy", "numba", "opencv-python-headless", "opencv-python", "av",
    "openvino", "onnxruntime", "cupy-cuda12x", "cupy-cuda13x",
)  # fmt: skip


def about(threads: int) -> dict[str, Any]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": usable_cores(),
        "threads of networks": threads,
        "load at the start": load,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
    }


def sentence(facts: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return (
        f"{facts['date']}; {facts['processor']}, {facts['cores']} cores, "
        f"{facts['threads of networks']} threads for networks, load {facts['load at the start']}; "
        f"{facts['system']}, Python {facts['python']}; {versions}"
    )
