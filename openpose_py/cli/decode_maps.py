"""`openpose-py decode MAPS [flags]`: everything after the network, on stored maps."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.after_network import AfterNetwork
from openpose_py.checks import check, check_output
from openpose_py.cli.drive import drive
from openpose_py.cli.messages import start_messages
from openpose_py.compile_once import compile_once
from openpose_py.errors import InputError
from openpose_py.flag_values import sizes_wished
from openpose_py.inputs import open_input
from openpose_py.outputs import open_outputs
from openpose_py.pipeline import results_of_maps
from openpose_py.records import Frame, Maps
from openpose_py.settings import Settings
from openpose_py.stages.frames.source import Source
from openpose_py.stages.maps.stored_maps import StoredMaps, read_maps
from openpose_py.timings import Timings
from openpose_py.zoo.cards import ModelCard, card_named

log = logging.getLogger("openpose_py.run")
ENDING = "_maps"  # of the names that --write_maps gives
DEFAULT_MODEL = Settings().model_pose


def decode_maps(maps: str, **values: Any) -> int:
    """Runs the flags on a file or a folder of maps; returns the exit code."""
    start_messages(values["logging_level"], values["quiet"])
    settings = Settings(**values)
    notices = check_output(settings) + check(settings)
    stored = MapSource(map_files(Path(maps)), settings)
    outputs = open_outputs(settings, stored.fps, stored.card)
    for notice in notices:
        log.warning(notice)
    compile_once(settings.decoder)
    timings = Timings()
    after = AfterNetwork(settings, stored.card)
    threaded = not settings.disable_multi_thread
    results = results_of_maps(stored.pairs(), after.people, after.picture, timings, threaded)
    return drive(results, stored, outputs, settings, timings)


def map_files(path: Path) -> list[Path]:
    """The files of a folder in order of their names, or the one file."""
    if path.is_dir():
        found = sorted(path.glob("*.npz"))
        if not found:
            raise InputError("has no .npz file of maps", where=str(path),
                             hint="--write_maps FOLDER writes them")  # fmt: skip
        return found
    if not path.exists():
        raise InputError("there is no such file or folder", where=str(path))
    return [path]


class MapSource:
    """Frames with their maps. The pictures are those of --image_dir or --video, else black."""

    def __init__(self, files: list[Path], settings: Settings) -> None:
        self._files, self._settings = files, settings
        self._wishes = sizes_wished(settings, card_named(settings.model_pose), pictures=True)
        self._model = settings.model_pose if settings.model_pose != DEFAULT_MODEL else ""
        self.card: ModelCard = card_named(self._model) if self._model else self._first_model()
        self._model = self.card.name
        self._pictures: Source | None = None
        if settings.image_dir or settings.video:
            self._pictures = open_input(settings)
        self.fps = self._pictures.fps if self._pictures else None
        self.count: int | None = len(files)
        self.unreadable: list[str] = []

    def _first_model(self) -> ModelCard:
        """The model of the first file that can be read; its complaint if none can."""
        for path in self._files[:-1]:
            try:
                return self._read(path).card
            except InputError:
                continue
        return self._read(self._files[-1]).card

    def pairs(self) -> Iterator[tuple[Frame, Maps]]:
        if self._pictures is None:
            yield from self._on_black()
        else:
            yield from self._on_pictures(self._pictures)

    def _on_black(self) -> Iterator[tuple[Frame, Maps]]:
        for index, path in enumerate(self._files):
            stored = self._kept(path)
            if stored:
                width, height = stored.frame_size
                pixels = np.zeros((height, width, 3), np.uint8)
                name = path.stem.removesuffix(ENDING)
                yield Frame(pixels, index, name, 0.0, str(path)), stored.maps

    def _on_pictures(self, pictures: Source) -> Iterator[tuple[Frame, Maps]]:
        by_name = {path.stem.removesuffix(ENDING): path for path in self._files}
        for frame in pictures.frames():
            path = by_name.pop(frame.name, None)
            stored = self._kept(path) if path else None
            if stored is None:
                continue
            if frame.size != stored.frame_size:
                raise InputError(
                    f"is {frame.size[0]}x{frame.size[1]}, its maps are of a picture of "
                    f"{stored.frame_size[0]}x{stored.frame_size[1]}", where=frame.origin,
                )  # fmt: skip
            yield frame, stored.maps
        self.unreadable += [f"{path}: no picture of that name" for path in by_name.values()]

    def _kept(self, path: Path) -> StoredMaps | None:
        """The maps of one file, or None with a line in `unreadable`; the only file must be good."""
        try:
            return self._read(path)
        except InputError as problem:
            if len(self._files) == 1:
                raise
            self.unreadable.append(problem.short())
            return None

    def _read(self, path: Path) -> StoredMaps:
        return read_maps(path, self._wishes, self._model)
