"""The estimator: flags in, results out. The command line and the Python API both stand on it."""

import dataclasses
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.after_network import AfterNetwork
from openpose_py.checks import check
from openpose_py.chosen_model import ChosenModel, choose_model
from openpose_py.engines.open import open_engine
from openpose_py.errors import UsageError, nearest
from openpose_py.face_hand import FaceHand, networks_needed
from openpose_py.flag_values import sizes_wished
from openpose_py.inputs import frames_of, is_live, open_input
from openpose_py.keys import Action, Command
from openpose_py.over_time import NetworkRhythm, steps_of
from openpose_py.pipeline import DEPTH, Stages, passed_through, results
from openpose_py.records import Frame, NetInput, Result
from openpose_py.settings import Settings
from openpose_py.stages.frames.source import Source
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.engines.no_network import NoNetwork
from openpose_py.stages.maps.engines.torch_engine import devices_named
from openpose_py.stages.maps.net_input import net_input
from openpose_py.stages.maps.sizes import geometry_of
from openpose_py.timings import Timings
from openpose_py.together import input_shapes
from openpose_py.top_down import TopDown
from openpose_py.zoo.cards import TOP_DOWN, card_named
from openpose_py.zoo.skeletons import read_skeleton


class Estimator:
    """Finds people. Keywords are the flags of the command line: `Estimator(model_pose="COCO")`."""

    def __init__(self, **flags: Any) -> None:
        known = {field.name for field in dataclasses.fields(Settings)}
        for name in flags:
            if name not in known:
                raise UsageError(f"there is no flag {name!r}", hint=nearest(name, known))
        self.settings = Settings(**flags)
        self.notices: list[str] = check(self.settings)
        self.card = card_named(self.settings.model_pose)
        self.timings = Timings()
        self._engines: list[Engine] = [] if self.settings.num_gpu == 0 else [NoNetwork()]
        self._runs, on_gpu = self.card, False
        self._top_down: TopDown | None = None
        if self._engines and self.settings.body:
            model = choose_model(self.settings)
            self._runs = model.runs
            devices = self._devices()
            on_gpu = devices[0].type != "cpu"
            if self._runs.kind == TOP_DOWN:
                self._top_down = TopDown(self.settings, model, devices[0])
                self.notices += [*self._top_down.notices, *self._alone()]
            else:
                self._engines = [self._load(model, device) for device in devices]
                self.notices = list(dict.fromkeys(self.notices))  # each engine says the same
        self._after = AfterNetwork(self.settings, self._runs, self.card, on_gpu)
        self._face_hand = self._load_face_hand()

    @property
    def decoder(self) -> str:
        """Whose kernels a run needs, see --decoder; empty: nobody's."""
        if not self._engines:
            return ""
        return self._top_down.decoder if self._top_down else self.settings.decoder

    def __call__(self, image: np.ndarray) -> Result:
        """People in one picture: uint8 (height, width, 3), B G R."""
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise UsageError(
                f"a picture is a uint8 array (height, width, 3), got {image.dtype} {image.shape}"
            )
        (result,) = self._results(iter([Frame(image, 0, "0", 0.0, "array")]), None)
        return result

    def run(self, source: Source | str | Path | None = None) -> Generator[Result]:
        """Results of all frames, in order; of a video, a folder of pictures, or of the flags."""
        if source is None or isinstance(source, str | Path):
            source = open_input(self.settings, source)
        line = self._results(frames_of(source, self.settings), source)
        try:
            for result in line:  # noqa: UP028 - `yield from` would close the line before the source
                yield result
        finally:
            source.close()  # first, or a thread that waits for its next frame would be waited for
            line.close()

    def change(self, command: Command) -> None:
        """What a key of the window asks for; holds from one of the next frames on."""
        if command.action not in (Action.FACES, Action.HANDS):
            self._after.change(command)
        elif self._face_hand:
            self._face_hand.switch(command.action)

    def _results(self, frames: Iterator[Frame], source: Source | None) -> Generator[Result]:
        """source: None for a single picture, which needs no threads."""
        if not self._engines:
            return passed_through(frames, len(read_skeleton(self.card.skeleton).parts))
        live = source is not None and is_live(source)
        pictures = source is None or (source.fps is None and not live)
        waits = live or self.settings.process_real_time  # then a batch would be a delay
        depth = DEPTH if source and not self.settings.disable_multi_thread else 0
        return results(
            frames,
            self._stages(pictures, 1 if waits else self.settings.gpu_batch),
            self._after.picture,
            steps_of(self.settings, self._face_hand, self._after.shown),
            self.timings,
            min(depth, 1) if live else depth,
        )

    def _stages(self, pictures: bool, batch: int) -> Stages:
        """From frames to people: by maps of the frame, or by crops of it."""
        one = self._top_down
        if one:
            after = self._after

            def people(frame: Frame, joints: Any) -> Result:
                return after.of_crops(one.people(frame, joints))

            return Stages(one.prepare, [lambda given: list(map(one.network, given))], people)
        networks = [engine.run_batch for engine in self._engines]
        prepare = self._prepare(pictures)
        return Stages(prepare, networks, self._after.people, batch, input_shapes)

    def _prepare(self, pictures: bool) -> Callable[[Frame], NetInput]:
        """The stage before the network; between the network's frames nothing is prepared."""
        wishes = sizes_wished(self.settings, self._runs, pictures)
        rhythm = NetworkRhythm(self.settings.tracking)
        normalisation = self._runs.normalisation

        def prepare(frame: Frame) -> NetInput:
            if rhythm.wanted(frame) and self.settings.body:
                return net_input(frame, wishes, normalisation)
            return NetInput((), geometry_of(frame.size, wishes))

        return prepare

    def _load_face_hand(self) -> FaceHand | None:
        shown = self._after.shown
        if not self._engines or not networks_needed(self.settings, shown):
            return None
        face_hand = FaceHand(self.settings, shown)
        self.notices += face_hand.notices
        return face_hand

    def _devices(self) -> list[Any]:
        settings = self.settings
        return devices_named(settings.device, settings.num_gpu, settings.num_gpu_start)

    def _alone(self) -> list[str]:
        """What a model of one person leaves aside."""
        batch, gpus = self.settings.gpu_batch > 1, self.settings.num_gpu > 1
        named = " and ".join(["--gpu_batch"] * batch + ["--num_gpu"] * gpus)
        return [f"{named}: {self._runs.name} takes frame by frame, on one device"] if named else []

    def _load(self, model: ChosenModel, device: Any) -> Engine:
        opened = open_engine(self.settings, model, device)
        hint = self._hint_at_resolution(opened.network)
        self.notices += filter(None, [model.notice(), *opened.notices, hint])
        self._runs = dataclasses.replace(self._runs, normalisation=opened.normalisation)
        return opened.engine

    def _hint_at_resolution(self, network: str) -> str:
        if network != "body_25b_option1" or self.settings.net_resolution != "-1x368":
            return ""
        return "BODY_25B option 1 was trained for a height of 480: --net_resolution -1x480"
