"""What this machine's processor offers: cores for our threads, and short floating point."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")
CPU_INFO = Path("/proc/cpuinfo")
BF16 = ("avx512_bf16", "amx_bf16", "bf16")  # as Linux names it on x86 and on Arm


def usable_cores() -> int:
    """Physical cores that this process may run on: two threads on one core gain nothing."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, os.cpu_count() or 1)
    return _physical(os.sched_getaffinity(0), CPUS)


def _physical(cpus: Iterable[int], folder: Path) -> int:
    """How many cores the logical `cpus` lie on; those of unknown place count one each."""
    places = set()
    for cpu in cpus:
        path = folder / f"cpu{cpu}" / "topology" / "thread_siblings_list"
        try:
            places.add(path.read_text().strip())
        except OSError:
            places.add(f"cpu {cpu}")
    return max(1, len(places))


def has_bf16() -> bool | None:
    """Whether the processor multiplies bfloat16; None: unknown."""
    found = _cpu_info("flags") or _cpu_info("Features")
    return any(name in found.split() for name in BF16) if found else None


def processor() -> str:
    """Its name, as far as the system tells."""
    return _cpu_info("model name") or platform.processor() or platform.machine()


def _cpu_info(key: str) -> str:
    """The first value of that name in Linux' description, or an empty text."""
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
