"""Compiles the decoder's kernels before the first frame, and says so if it takes its time."""

import logging
import threading

from openpose_py.stages.people.decoders import warm_up

SECONDS = 4.0  # reading them from the cache takes half of one, more on a busy machine
log = logging.getLogger(__name__)


def compile_once(decoder: str) -> None:
    """Half a second, or half a minute where no earlier run has left the kernels in the cache.

    decoder: --decoder, or an empty text for a run that decodes nothing.
    """
    if not decoder:
        return
    text = "compiling kernels, once on this machine; later runs start at once"
    timer = threading.Timer(SECONDS, log.warning, [text])
    timer.daemon = True
    timer.start()
    try:
        warm_up(decoder)
    finally:
        timer.cancel()
