"""How many threads one worker's network and pictures use."""

import os

import cv2
import torch


def use_threads(count: int) -> None:
    torch.set_num_threads(count)
    cv2.setNumThreads(count)


def cores() -> int:
    """Those that this process may use; OMP_NUM_THREADS says it too."""
    try:
        free = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        free = os.cpu_count() or 1
    return free


def threads_a_worker(workers: int) -> int:
    """The cores divided among the workers, no more than OMP_NUM_THREADS allows."""
    share = max(1, cores() // workers)
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(share, int(limit)) if limit.isdigit() and int(limit) else share


def gpus() -> int:
    """Those that PyTorch sees, asked in a way after which a process may still be forked."""
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    return torch.cuda.device_count() if torch.cuda.is_available() else 0
