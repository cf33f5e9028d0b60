"""Where the tables, logs and states of a batch are written: beside the results."""

import shutil
import tempfile
import time
from pathlib import Path

from openpose_py.batch import remote
from openpose_py.batch.addresses import is_remote
from openpose_py.batch.state import FOLDER
from openpose_py.stages.writers.whole_file import output_folder

BETWEEN = 10.0  # seconds between two uploads of the state


class Reports:
    """folder: to write to. For an object store it is one of this machine, until `publish` has
    uploaded what is in it."""

    def __init__(self, root: str) -> None:
        self.root, self._far = root.rstrip("/") or "/", is_remote(root)
        self.folder = Path(tempfile.mkdtemp(prefix="openpose-py-")) if self._far else Path(root)
        output_folder(str(self.folder))
        output_folder(str(self.folder / FOLDER))
        self._published = time.monotonic()

    def publish_state(self) -> None:
        if self._far and time.monotonic() - self._published > BETWEEN:
            self._upload(FOLDER)
            self._published = time.monotonic()

    def publish(self) -> None:
        if self._far:
            self._upload(".")
            self._upload(FOLDER)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _upload(self, below: str) -> None:
        for path in sorted((self.folder / below).iterdir()):
            if path.is_file() and path.stat().st_size:
                name = path.relative_to(self.folder).as_posix()
                remote.upload(path, f"{self.root}/{name}")
