"""A worker process: takes jobs from a pipe, does them, answers. It ends with its parent."""

import ctypes
import errno
import gc
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from openpose_py.batch.job import Cut, Done, Failed, Job, Outcome, Watch
from openpose_py.errors import OpenPoseError

Run = Callable[[Job, Watch], Done | Cut]
Start = Callable[[], Run]  # loads what the worker needs

HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # for every other input, too

READY, FRAMES, SAID, OUTCOME, CRASHED = range(5)  # kinds of messages
BETWEEN = 0.25  # seconds between two messages about frames
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux's prctl


def serve(connection: Connection, start: Start, log: Path, parent: int) -> None:
    """The life of a worker. What it and its libraries print goes to `log`.

    Garbage of the parent is left alone: a decoder among it would wait for its threads, which a
    forked process does not have.
    """
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _end_with(parent)
    print_to(log)
    line = _Line(connection)
    tell_messages(lambda text: line.tell(SAID, text))
    try:
        run = start()
        line.tell(READY)
        while (job := pickle.loads(connection.recv_bytes())) is not None:
            line.tell(OUTCOME, outcome_of(job, run, line.frames))
    except EOFError:  # the parent is gone
        pass
    except BaseException as problem:  # the parent must know why this process ends
        line.tell(CRASHED, f"{type(problem).__name__}: {problem}".splitlines()[0])
        raise


class _Line:
    """The pipe to the parent; messages come from several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._lock = connection, threading.Lock()
        self._told = 0.0

    def tell(self, kind: int, content: Any = None) -> None:
        with self._lock:
            self._connection.send_bytes(pickle.dumps((kind, content), pickle.HIGHEST_PROTOCOL))

    def frames(self, count: int) -> None:
        now = time.monotonic()
        if now - self._told > BETWEEN:
            self._told = now
            self.tell(FRAMES, count)


def outcome_of(job: Job, run: Run, watch: Watch) -> Outcome:
    """Of one job, its failure too; here and on every machine of a cluster."""
    try:
        return run(job, watch)
    except OpenPoseError as problem:
        cause = problem.__cause__
        fatal = isinstance(cause, OSError) and cause.errno in HOPELESS
        hint = f" ({problem.hint})" if fatal and problem.hint else ""
        about_it = job.path in problem.where  # which is said anyway
        return Failed((problem.what if about_it else problem.short()) + hint, fatal)


def _end_with(parent: int) -> None:
    """Nobody works on when the parent was killed: the next run would meet him.

    On Linux the system sees to it. Elsewhere a pipe closes when the parent ends; on Linux forked
    brothers hold it open.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)

    def watch() -> None:
        if process := multiprocessing.parent_process():
            process.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def print_to(log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def tell_messages(tell: Callable[[str], None]) -> None:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tell(record.getMessage())

    logger = logging.getLogger("openpose_py")
    logger.handlers = [Handler()]
    logger.propagate = False
