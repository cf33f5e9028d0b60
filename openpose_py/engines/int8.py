"""Networks in 8-bit integers for OpenVINO, calibrated on the user's pictures and checked on them.

A quantised network is kept in the user's cache folder under the digest of its weights, so that the
pictures are wanted once.
"""

import contextlib
import dataclasses
import hashlib
import io
import logging
from pathlib import Path

import nncf
import numpy as np
import openvino

from openpose_py.after_network import AfterNetwork
from openpose_py.engines.agreement import agreement
from openpose_py.engines.choice import Task, engines_folder, short_digest
from openpose_py.errors import InputError, ModelFileError, StageError, UsageError
from openpose_py.export.exported import Exported, Wishes
from openpose_py.export.facts import KEY, read_facts
from openpose_py.export.openvino_file import openvino_model, save_ir
from openpose_py.flag_values import sizes_wished
from openpose_py.records import Frame, NetInput, People
from openpose_py.settings import Settings
from openpose_py.stages.frames.picture_folder import PictureFolder
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.engines.openvino_engine import OpenVinoEngine, openvino_facts
from openpose_py.stages.maps.net_input import net_input
from openpose_py.stages.writers.whole_file import output_folder

MOST = 48  # pictures; more change little
WANTED = 0.8  # agreement with fp32


def int8_engine(task: Task) -> tuple[Engine, tuple[str, ...]]:
    """The quantised network, from the cache or made now, and what to tell about it."""
    exported = Exported(task.name, task.network, task.card, Wishes())
    path = engines_folder() / f"{short_digest(task.weights)}_int8.xml"
    pictures = _pictures(task.settings.calibration)
    if not _usable(path, pictures):
        if not pictures:
            raise UsageError(
                f"needs pictures like yours, once for {task.card.name}", where="--precision int8",
                hint="add --calibration DIR with twenty or more pictures of people",
            )  # fmt: skip
        return _calibrated(task, exported, path, pictures)
    return _engine(path, exported, task), ()


def _pictures(folder: str) -> str:
    """A digest of the names and sizes of the files, empty without a folder."""
    if not folder:
        return ""
    path = Path(folder)
    if not path.is_dir():
        raise InputError("there is no such folder", where=f"--calibration {folder}")
    rows = sorted(f"{one.name} {one.stat().st_size}" for one in path.iterdir() if one.is_file())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:32]


def _usable(path: Path, pictures: str) -> bool:
    """Whether the kept network is there, and made from these pictures if some are named."""
    if not path.is_file() or not path.with_suffix(".bin").is_file():
        return False
    try:
        facts = read_facts(openvino_facts(path, KEY), str(path))
    except ModelFileError:
        return False
    return not pictures or facts.calibrated == pictures


def _engine(model: Path | openvino.Model, exported: Exported, task: Task) -> OpenVinoEngine:
    return OpenVinoEngine(model, exported.facts.maps, task.card.stride, "int8", task.threads)


def _calibrated(
    task: Task, exported: Exported, path: Path, pictures: str
) -> tuple[Engine, tuple[str, ...]]:
    frames = _frames(Path(task.settings.calibration))
    wishes = sizes_wished(task.settings, task.card, True)
    inputs = [net_input(frame, wishes, task.card.normalisation) for frame in frames]
    plain = openvino_model(exported)
    maps, stride = exported.facts.maps, task.card.stride
    before = OpenVinoEngine(plain, maps, stride, "fp32", task.threads)
    exact = _people(task, before, frames, inputs)
    if not any(map(len, exact)):
        raise InputError(
            "shows nobody that the model finds", where=f"--calibration {task.settings.calibration}",
            hint="name a folder with pictures of people",
        )  # fmt: skip
    quantised = quantise(plain, [one.tensors[0] for one in inputs])
    engine = _engine(quantised, exported, task)
    share = _checked(exact, _people(task, engine, frames, inputs))
    facts = dataclasses.replace(exported.facts, precision="int8", calibrated=pictures)
    output_folder(str(path.parent))
    save_ir(quantised, facts, path)
    return engine, (
        f"--precision int8: calibrated on {len(frames)} pictures, {share:.0%} of the parts as in "
        f"fp32; kept as {path}",
    )


def _frames(folder: Path) -> list[Frame]:
    """Pictures spread over the folder."""
    try:
        count = PictureFolder(folder, FrameRange()).count or 0
        chosen = PictureFolder(folder, FrameRange(step=max(1, -(-count // MOST))))
        frames = list(chosen.frames())
    except InputError as problem:
        where = f"--calibration {folder}"
        raise InputError(problem.what, where=where, hint=problem.hint) from problem
    if not frames:
        raise InputError("holds no readable picture", where=f"--calibration {folder}")
    return frames


def quantise(model: openvino.Model, tensors: list[np.ndarray]) -> openvino.Model:
    """tensors: float32 (1, 3, height, width), of any sizes."""
    nncf.set_log_level(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()):  # its progress; stdout is for data
        return nncf.quantize(
            model,
            nncf.Dataset(tensors),
            preset=nncf.QuantizationPreset.MIXED,  # PReLU and maps have both signs
            subset_size=len(tensors),
        )


def _people(
    task: Task, engine: Engine, frames: list[Frame], inputs: list[NetInput]
) -> list[People]:
    settings = Settings(decoder=task.settings.decoder)
    after = AfterNetwork(settings, task.card)
    pairs = zip(frames, inputs, strict=True)
    return [after.people(frame, engine.run(one)).people for frame, one in pairs]


def _checked(exact: list[People], quantised: list[People]) -> float:
    """The agreement; raises if it is too low to go on."""
    share = agreement(exact, quantised)
    if share < WANTED:
        raise StageError(
            f"only {share:.0%} of the parts are found as in fp32, wanted {WANTED:.0%}",
            where="--precision int8", hint="calibrate with more pictures, or use --precision bf16",
        )  # fmt: skip
    return share
