"""Time of the networks alone in every engine, beside plain PyTorch and OpenCV on the same input.

    python benchmarks/engines.py [--networks body_25,...] [--runs 9] [--threads 2] [--json]

The engines take turns, so that a busy machine slows all of them alike. "Plain" is PyTorch as it
comes: float32, channels first. Processor time is that of all threads, waiting ones sleep; it is
what is left to compare on a machine that others use. Weights are random: their values do not change
the time. OpenCV reads the exported caffemodel, so it has only OpenPose's networks.
"""

import argparse
import copy
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # before torch is loaded
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

from openpose_py.engines.no_reports import no_reports  # noqa: E402

no_reports()

from openpose_py.engines.int8 import quantise  # noqa: E402
from openpose_py.export.caffe_graph import caffe_layers  # noqa: E402
from openpose_py.export.caffemodel import prototxt_text, write_caffemodel  # noqa: E402
from openpose_py.export.exported import Exported, Wishes  # noqa: E402
from openpose_py.export.onnx_file import onnx_bytes  # noqa: E402
from openpose_py.export.openvino_file import openvino_model  # noqa: E402
from openpose_py.networks import NETWORKS  # noqa: E402
from openpose_py.records import NetInput  # noqa: E402
from openpose_py.stages.maps.engines.engine import Engine  # noqa: E402
from openpose_py.stages.maps.engines.onnx_engine import OnnxEngine  # noqa: E402
from openpose_py.stages.maps.engines.openvino_engine import OpenVinoEngine  # noqa: E402
from openpose_py.stages.maps.engines.torch_engine import TorchEngine  # noqa: E402
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of  # noqa: E402
from openpose_py.zoo.cards import card_named  # noqa: E402

CPU, STRIDE = torch.device("cpu"), 8
PLAIN = "torch fp32, plain"
SIZES = {"body_25": (656, 368), "body_25b_compact": (448, 256), "lightweight_openpose": (448, 256)}
GOALS = {"torch bf16": 0.42, "openvino bf16": 0.37, "openvino int8": 0.20}  # of plain, body_25


class Row(NamedTuple):
    """Milliseconds a frame."""

    network: str
    engine: str
    median: float
    least: float
    processor: float


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    rows = [
        row
        for name in options.networks.split(",")
        for row in _measure(_runs(name, options.threads), name, options.runs)
    ]
    _print(rows, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", default=",".join(SIZES))
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _runs(name: str, threads: int) -> dict[str, Callable[[], object]]:
    """What is measured: one frame each."""
    network, net_input = _network(name), _input(*SIZES[name])
    tensor = net_input.tensors[0]
    runs: dict[str, Callable[[], object]] = {}
    plain = copy.deepcopy(network)
    runs[PLAIN] = lambda: _forward(plain, tensor)
    for engine, made in _engines(name, network, tensor, threads).items():
        runs[engine] = lambda made=made: made.run(net_input)  # type: ignore[misc]
    opencv = _opencv(network, tensor) if name == "body_25" else None
    if opencv:
        runs["opencv dnn"] = opencv
    return runs


def _forward(network: nn.Module, tensor: np.ndarray) -> torch.Tensor:
    with torch.inference_mode():
        maps: torch.Tensor = network(torch.from_numpy(tensor))
        return maps


def _network(name: str) -> nn.Module:
    torch.manual_seed(1)
    network = NETWORKS[name]().eval().requires_grad_(False)
    for value in network.state_dict().values():
        if value.dim() == 4:
            nn.init.kaiming_normal_(value)
    return network


def _input(width: int, height: int) -> NetInput:
    values = np.random.default_rng(1).uniform(-0.5, 0.5, (1, 3, height, width))
    geometry = geometry_of((width, height), SizeWishes((width, height)))
    return NetInput((values.astype(np.float32),), geometry)


def _engines(name: str, network: nn.Module, tensor: np.ndarray, threads: int) -> dict[str, Engine]:
    exported = Exported(name, network, card_named("BODY_25"), Wishes())
    maps, graph = exported.facts.maps, onnx_bytes(exported)
    model = openvino_model(exported)
    small = np.ascontiguousarray(tensor[..., :128, :128])
    quantised = quantise(openvino_model(exported), [small])
    torch_engines = {
        f"torch {precision}": TorchEngine(copy.deepcopy(network), CPU, STRIDE, precision)
        for precision in ("fp32", "bf16")
    }
    return {
        **torch_engines,
        "openvino fp32": OpenVinoEngine(model, maps, STRIDE, "fp32", threads),
        "openvino bf16": OpenVinoEngine(model, maps, STRIDE, "bf16", threads),
        "openvino int8": OpenVinoEngine(quantised, maps, STRIDE, "int8", threads),
        "onnxruntime fp32": OnnxEngine(graph, maps, STRIDE, threads),
    }


def _opencv(network: nn.Module, tensor: np.ndarray) -> Callable[[], object]:
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "it.caffemodel"
        description = write_caffemodel(network, weights)
        description.write_text(prototxt_text(caffe_layers(network), *tensor.shape[2:]))
        net = cv2.dnn.readNetFromCaffe(str(description), str(weights))

    def run() -> object:
        net.setInput(tensor)
        return net.forward()

    return run


def _measure(runs: dict[str, Callable[[], object]], network: str, count: int) -> list[Row]:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for number in range(count + 1):
        for name, run in runs.items():
            start, busy = time.perf_counter(), time.process_time()
            run()
            if number:  # the first warms up
                times[name].append((time.perf_counter() - start, time.process_time() - busy))
    return [_row(network, name, *zip(*rows, strict=True)) for name, rows in times.items()]


def _row(network: str, engine: str, wall: tuple[float, ...], busy: tuple[float, ...]) -> Row:
    median, processor = 1000 * statistics.median(wall), 1000 * statistics.median(busy)
    return Row(network, engine, median, 1000 * min(wall), processor)


def _print(rows: list[Row], options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps([row._asdict() for row in rows]))
        return
    plain = {row.network: row for row in rows if row.engine == PLAIN}
    print("| network | engine | median | ratio | least | ratio | processor | ratio | goal |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        base = plain[row.network]
        pairs = zip(row[2:], base[2:], strict=True)
        figures = " | ".join(f"{ms:.1f} | {ms / other:.2f}" for ms, other in pairs)
        goal = GOALS.get(row.engine, "") if row.network == "body_25" else ""
        print(f"| {row.network} | {row.engine} | {figures} | {goal} |")


if __name__ == "__main__":
    main()
