"""Many texts of JSON at once, by the compiled scanner."""

import logging
import threading

import numpy as np

from openpose_py.stages.writers.json_people import KEYS
from openpose_py.tables.keypoint_names import VALUES
from openpose_py.tables.parse import Parser
from openpose_py.tables.scan import scan

FIELD_BYTES, NUMBER_BYTES = 20, 2  # no list of numbers is shorter, and no number
WORDS = [f'"{word}"'.encode("ascii") for word in ("version", "people", "person_id", *KEYS)]
WORD_SIZES = np.array([len(word) for word in WORDS])
WORD_TABLE = np.array([list(word.ljust(WORD_SIZES.max(), b"\0")) for word in WORDS], np.uint8)
VALUES_A_POINT = np.array(VALUES)
SECONDS = 1.5  # reading the compiled scanner takes less
NOBODY = b'{"version":1.3,"people":[]}'
log = logging.getLogger(__name__)


def quick_parser() -> Parser:
    """`parse_quickly`, compiled; that takes ten seconds where no earlier run has done it."""
    text = "compiling the reader of JSON, once on this machine; later runs start at once"
    timer = threading.Timer(SECONDS, log.warning, [text])
    timer.daemon = True
    timer.start()
    try:
        parse_quickly([NOBODY])
    finally:
        timer.cancel()
    return parse_quickly


def parse_quickly(texts: list[bytes]) -> tuple[int, np.ndarray, np.ndarray]:
    """How many texts were understood until one was not; their fields and numbers (see Batch)."""
    joined = np.frombuffer(b"\0".join([*texts, b""]), np.uint8)
    sizes = np.array([len(text) + 1 for text in texts], np.int64)
    fields = np.empty((len(joined) // FIELD_BYTES + 1, 5), np.int64)
    numbers = np.empty(len(joined) // NUMBER_BYTES + 1, np.float32)
    count, used, filled = scan(
        joined, np.cumsum(sizes) - sizes, WORD_TABLE, WORD_SIZES, VALUES_A_POINT, fields, numbers
    )
    return count, fields[:used], numbers[:filled]
