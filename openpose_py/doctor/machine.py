"""Python, the processor, cores and threads, memory; a container may allow less than is there."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from openpose_py.doctor.finding import LESS, OK, WRONG, Finding
from openpose_py.engines.cores import processor, usable_cores

AREA = "machine"
OLDEST = (3, 11)
CPU_INFO = Path("/proc/cpuinfo")
MEMORY = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
INSTRUCTIONS = (
    "avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "avx512_fp16", "amx_tile",
    "amx_bf16", "amx_int8", "asimd", "bf16", "i8mm", "sve",
)  # fmt: skip
LEAST_MEMORY = 2.0  # GiB, for the default model at its default size


def machine() -> Iterator[Finding]:
    yield _python()
    yield Finding(AREA, "system", OK, f"{platform.system()} {platform.machine()}")
    yield Finding(AREA, "processor", OK, processor())
    yield _instructions()
    yield from _threads(os.environ)
    yield _memory()


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST:
        hint = f"install Python {OLDEST[0]}.{OLDEST[1]} or newer"
        return Finding(AREA, "Python", WRONG, version, hint)
    return Finding(AREA, "Python", OK, f"{version} ({sys.prefix})")


def _instructions() -> Finding:
    found = _said_by(CPU_INFO, "flags") or _said_by(CPU_INFO, "Features")
    if not found:
        return Finding(AREA, "instructions", OK, "unknown")
    there = [name for name in INSTRUCTIONS if name in found.split()]
    if "avx2" not in there and "asimd" not in there:
        return Finding(AREA, "instructions", LESS, "no AVX2", "networks are slow on this processor")
    return Finding(AREA, "instructions", OK, " ".join(there))


def _threads(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Cores for our threads, and what holds them down."""
    all_, cores = os.cpu_count() or 1, usable_cores()
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else all_
    value = f"{cores} physical, {allowed} of {all_} logical allowed"
    hint = "the process is bound to some of them: see taskset -p $$"
    yield _held("cores", value, allowed < all_, hint)
    share = cgroup_cores(CGROUP)
    if share is not None and share < allowed:
        hint = f"type: export OMP_NUM_THREADS={max(1, round(share))}, or allow the container more"
        yield Finding(AREA, "container", LESS, f"{share:g} cores", hint)
    said = environment.get("OMP_NUM_THREADS", "")
    if said:
        held = said.isdecimal() and int(said) < cores
        hint = "type: unset OMP_NUM_THREADS"
        yield _held("threads", f"{said} (OMP_NUM_THREADS)", held, hint)
    else:
        yield Finding(AREA, "threads", OK, f"{cores}, one a core")
    if environment.get("OMP_WAIT_POLICY", "").upper() == "ACTIVE":
        hint = "type: export OMP_WAIT_POLICY=PASSIVE, or other programs starve this one"
        yield Finding(AREA, "waiting threads", LESS, "spin (OMP_WAIT_POLICY)", hint)


def cgroup_cores(folder: Path) -> float | None:
    """Processor time that the container may use, in cores; None: no limit, or unknown."""
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        quota = (folder / "cpu/cpu.cfs_quota_us").read_text()
        period = (folder / "cpu/cpu.cfs_period_us").read_text()
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError):
        return None


def _memory() -> Finding:
    try:
        gib = int(_said_by(MEMORY, "MemAvailable").split()[0]) / 2**20
    except IndexError:
        return Finding(AREA, "memory", OK, "unknown")
    limit = _cgroup_memory(CGROUP)
    value = f"{gib:.1f} GiB free" + (f", {limit:.1f} allowed in the container" if limit else "")
    hint = "use a smaller --net_resolution, for example -1x256"
    return _held("memory", value, min(gib, limit or gib) < LEAST_MEMORY, hint)


def _cgroup_memory(folder: Path) -> float | None:
    """GiB."""
    try:
        return int((folder / "memory.max").read_text()) / 2**30
    except (OSError, ValueError):
        return None


def _held(name: str, value: str, held: bool, hint: str) -> Finding:
    return Finding(AREA, name, LESS if held else OK, value, hint if held else "")


def _said_by(path: Path, key: str) -> str:
    """The value behind `key:` in a file of the system, or an empty text."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
