"""Messages on stderr, filtered by OpenPose's priorities: 1 low, 2 normal, 3 high, 4 max."""

import logging

STEP = 10  # Python's levels a priority: 1 is DEBUG, 2 INFO, 3 WARNING, 4 ERROR


def start_messages(logging_level: int, quiet: bool) -> None:
    """Sends the package's log records of at least this priority to stderr."""
    root = logging.getLogger("openpose_py")
    root.handlers.clear()
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("openpose-py: %(message)s"))
    root.addHandler(handler)
    root.setLevel(max(STEP * logging_level, 2 * STEP * STEP if quiet else 1))
    root.propagate = False
