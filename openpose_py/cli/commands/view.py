"""`openpose-py view [flags]`: a run to watch in a browser."""

from typing import Any


def main(**values: Any) -> int:
    """A run to watch in a browser while it goes on; prints the page's address.

    openpose-py view --video walk.mp4 --write_json out/
    """
    from openpose_py.cli.watched import watched_run

    return watched_run(**values)
