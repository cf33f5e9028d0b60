"""What a worker keeps between inputs: flags that they share, networks that are loaded."""

import dataclasses
import functools
import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openpose_py.batch.addresses import absolute, is_remote
from openpose_py.batch.done_record import Work, stamp
from openpose_py.batch.job import Job, settings_of
from openpose_py.batch.weights import model_digest
from openpose_py.estimator import Estimator
from openpose_py.settings import MESSAGES, WINDOW, Settings, flags

LOADED = 4  # estimators at a time, where the rows of a manifest want different ones
# they change neither what is found nor what is written; the weights are told by their digest
WITHOUT_EFFECT = frozenset(
    {flag.field for flag in flags() if flag.panel in (MESSAGES, WINDOW)}
    | {"image_dir", "video", "device", "num_gpu_start", "gpu_batch"}
    | {"model_folder", "caffemodel_path"}
)
DEFAULTS = dataclasses.asdict(Settings())


class Kit:
    """base: the flags of every input, those of a manifest's row aside. span: frames of the parts
    that long videos are cut into; 0: they are not cut."""

    def __init__(self, base: Settings, span: int = 0) -> None:
        self.base, self.span = base, span
        self.version = version("openpose-py")
        self._estimator = functools.lru_cache(LOADED)(_estimator)
        self._flags = functools.cache(self._flags_and_model)

    def settings(self, job: Job, folder: Path) -> Settings:
        """The flags of its run, writing into `folder`."""
        return settings_of(job, self.base, folder)

    def estimator(self, job: Job) -> Estimator:
        """The same for all inputs with the same flags."""
        settings = settings_of(job, self.base, None)
        one = is_remote(job.path) or os.path.exists(job.path)
        if one:  # else several views with commas, which its steps must know
            settings = dataclasses.replace(settings, image_dir="", video="input.mp4")
        return self._estimator(settings)

    def work(self, job: Job) -> Work:
        """What is to be done for it, as a record says it."""
        chosen, model = self._flags(job.flags)
        if job.span:
            chosen = {**chosen, "span": [job.span.first, job.span.stop]}
        return Work(absolute(job.path), *stamp(job.path), chosen, model)

    def _flags_and_model(self, row: tuple[tuple[str, Any], ...]) -> tuple[dict[str, Any], str]:
        """Those with an effect that are not the default, as JSON gives them back; the digest."""
        settings = dataclasses.replace(self.base, **dict(row))
        values = dataclasses.asdict(settings)
        if settings.num_gpu > 0:
            values["num_gpu"] = DEFAULTS["num_gpu"]
        chosen = {
            name: value
            for name, value in values.items()
            if name not in WITHOUT_EFFECT and value != DEFAULTS[name]
        }
        return json.loads(json.dumps(chosen)), model_digest(settings)


def _estimator(settings: Settings) -> Estimator:
    return Estimator(**dataclasses.asdict(settings))
