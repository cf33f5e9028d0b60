"""The network and the whole way of `gpu.py`: times, and how near they come to the card's peak.

The weights are random, which does not change the time. So that the decoder has people to find, it
is given the maps of a golden scene with 24 people, after the network has really run.
"""

import itertools
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("tests", ".")]

from drawn.decoder_scenes import scene  # noqa: E402

from openpose_py.networks import NETWORKS  # noqa: E402
from openpose_py.records import Frame, Maps, NetInput  # noqa: E402
from openpose_py.stages.maps.engines.torch_engine import TorchEngine  # noqa: E402
from openpose_py.stages.maps.net_input import net_input  # noqa: E402
from openpose_py.stages.maps.sizes import SizeWishes  # noqa: E402
from openpose_py.stages.people.decode import decode, warm_up  # noqa: E402
from openpose_py.stages.writers.json_people import JsonFields, people_json  # noqa: E402
from openpose_py.threads import Threads  # noqa: E402
from openpose_py.together import input_shapes, together  # noqa: E402

SIZE = (656, 368)  # width, height
SMALL = (160, 96)  # without a GPU
BATCHES = (1, 4, 16)
GOALS = {1: 2.0, 16: 0.8}  # ms a frame
FRAMES_GOAL = 300  # a second
# dense bf16 TFLOP/s of the data sheets, by a word of the card's name; the first that fits
PEAKS = {"H200": 989, "H100 PCIe": 756, "H100": 989, "A100": 312, "L40S": 362, "L4": 121}
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def machine(cpp: bool) -> dict[str, Any]:
    facts = {"python": platform.python_version(), "torch": torch.__version__, "cpp": cpp}
    facts["date"] = time.strftime("%Y-%m-%d")
    if not cpp and torch.cuda.is_available():
        import cupy

        about = torch.cuda.get_device_properties(0)
        facts |= {"gpu": about.name, "memory GiB": round(about.total_memory / 2**30)}
        facts |= {"cuda of torch": torch.version.cuda, "cupy": cupy.__version__}
    return facts


def on_gpu(maps: Maps) -> Maps:
    scales = tuple(
        torch.from_numpy(np.asarray(scale, np.float32)).to("cuda") for scale in maps.scales
    )
    return Maps(scales, maps.geometry, maps.stride)


def gpu() -> Any:
    from openpose_py.stages.people.cuda.launch import Gpu

    return Gpu(0)


def median_ms(work: Callable[[], Any], runs: int) -> float:
    """Of work that ends when its answer is there; three runs before do not count."""
    times = []
    for _ in range(runs + 3):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1e3)
    return round(statistics.median(times[3:]), 4)


def network(cpp: bool, runs: int) -> dict[str, Any]:
    """Milliseconds a frame, medians; TFLOP/s; share of the data sheet's and of a measured peak."""
    device, size = ("cpu", SMALL) if cpp else ("cuda", SIZE)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = False  # fp32 means fp32
    gflop = gflop_of(size)
    name = "" if cpp else torch.cuda.get_device_name(0)
    sheet = next((peak for word, peak in PEAKS.items() if word in name), None)
    measured = matmul_tflops(device, 256 if cpp else 8192, runs)
    report: dict[str, Any] = {
        "gflop a frame": round(gflop, 1), "peak TFLOP/s, data sheet": sheet,
        "peak TFLOP/s, bf16 product of matrices": round(measured, 1), "rows": [],
    }  # fmt: skip
    for precision, batch in itertools.product(PRECISIONS, BATCHES[:2] if cpp else BATCHES):
        run, _ = prepared(device, precision, batch, size)
        ms = median_ms(run, min(runs, 5) if cpp else runs) / batch
        tflops = gflop / ms
        row = {"precision": precision, "batch": batch, "ms a frame": round(ms, 4)}
        row |= {"TFLOP/s": round(tflops, 1), "share of measured peak": round(tflops / measured, 3)}
        if sheet:
            row["share of data sheet"] = round(tflops / sheet, 3)
        if precision == "bf16" and batch in GOALS:
            row |= {"goal ms": GOALS[batch], "reached": ms <= GOALS[batch]}
        report["rows"].append(row)
    return report


def prepared(
    device: str, precision: str, batch: int, size: tuple[int, int]
) -> tuple[Callable[[], torch.Tensor], torch.Tensor]:
    """What runs BODY_25 once and waits for it, and the input that it reads. On a GPU the whole
    network is one CUDA graph."""
    kind = PRECISIONS[precision]
    model: torch.nn.Module = NETWORKS["body_25"]().eval().to(device, kind)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    given = torch.rand(batch, 3, size[1], size[0], device=device, dtype=kind) - 0.5
    given = given.contiguous(memory_format=torch.channels_last)
    if device == "cpu":

        def plain() -> torch.Tensor:
            with torch.inference_mode():
                return model(given)

        return plain, given
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.inference_mode(), torch.cuda.stream(side):
        for _ in range(3):
            model(given)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        answer = model(given)

    def replay() -> torch.Tensor:  # in its own stream: the kernels in the usual one go on beside it
        with torch.cuda.stream(side):
            graph.replay()
        side.synchronize()
        return answer

    return replay, given


def gflop_of(size: tuple[int, int]) -> float:
    """Of all convolutions of BODY_25, a multiplication and an addition counting two."""
    total = 0

    def count(layer: torch.nn.Module, _: Any, answer: torch.Tensor) -> None:
        nonlocal total
        weight = layer.weight
        if isinstance(weight, torch.Tensor):
            total += 2 * weight[0].numel() * answer.numel()

    model = NETWORKS["body_25"]().to("meta").eval()
    for layer in model.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(count)
    model(torch.empty(1, 3, size[1], size[0], device="meta"))
    return total / 1e9


def matmul_tflops(device: str, side: int, runs: int) -> float:
    a = torch.rand(side, side, device=device, dtype=torch.bfloat16)

    def product() -> None:
        torch.mm(a, a)
        if device == "cuda":
            torch.cuda.synchronize()

    return 2 * side**3 / median_ms(product, min(runs, 20)) / 1e9


def frames(cpp: bool, runs: int) -> dict[str, Any]:
    """Frames of 1280x720 in memory to JSON text: letter box, network in bf16, people, text, each
    in a thread of its own. files: none are written, reading and writing have benchmarks.

    engine: as `--gpu_batch` runs it. CUDA graph: the network recorded once, for inputs of one size.
    """
    batch, count = (2, 4) if cpp else (16, 64 * max(runs // 10, 4))
    device, size = ("cpu", SMALL) if cpp else ("cuda", SIZE)
    engine = TorchEngine(NETWORKS["body_25"](), torch.device(device), 8, "bf16")
    ways = {"engine": engine.run_batch, "CUDA graph": _recorded(device, batch, size)}
    rows = {way: _rate(run, cpp, batch, count) for way, run in ways.items()}
    best = max(row["frames a second"] for row in rows.values())
    return {
        **rows, "frames": count, "batch": batch, "frames a second": best, "goal": FRAMES_GOAL,
        "reached": not cpp and best >= FRAMES_GOAL,
    }  # fmt: skip


Network = Callable[[list[NetInput]], list[Maps]]


def _rate(run: Network, cpp: bool, batch: int, count: int) -> dict[str, Any]:
    line = Threads(depth=4)
    pixels = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    wishes = SizeWishes(net_resolution=SMALL if cpp else SIZE, net_resolution_dynamic=-1.0)
    inputs = (net_input(Frame(pixels, n, str(n), 0.0, ""), wishes) for n in range(count + batch))
    groups = line.ahead(together(inputs, batch, input_shapes), "letter box")
    maps = itertools.chain.from_iterable(line.ahead(map(run, groups), "network"))
    warm_up()
    texts = line.ahead(to_json(maps, cpp), "people")
    for _ in range(batch):
        next(texts)
    begin = time.perf_counter()
    size = sum(len(text) for text in texts)
    seconds = time.perf_counter() - begin
    line.close()
    return {"frames a second": round(count / seconds, 1), "bytes of JSON a frame": size // count}


def _recorded(device: str, batch: int, size: tuple[int, int]) -> Network:
    """Uploads whole batches into the graph's input."""
    replay, given = prepared(device, "bf16", batch, size)
    host = torch.empty(given.shape, dtype=given.dtype, pin_memory=given.is_cuda)

    def run(net_inputs: list[NetInput]) -> list[Maps]:
        for number, one in enumerate(net_inputs):
            host[number] = torch.from_numpy(one.tensors[0])[0]
        given.copy_(host, non_blocking=True)
        _wait(given)
        answer = replay().clone()  # the next batch goes to the same place
        return [Maps((answer[n],), one.geometry) for n, one in enumerate(net_inputs)]

    return run


def _wait(tensor: torch.Tensor) -> None:
    if tensor.is_cuda:
        torch.cuda.current_stream().synchronize()


def to_json(maps: Iterable[Maps], cpp: bool) -> Iterator[bytes]:
    """The golden scene's people for every frame; the network's own answer is only awaited."""
    given = scene("BODY_25_twenty_small")
    drawn = given.maps if cpp else on_gpu(given.maps)
    for one in maps:
        _wait(one.scales[0])
        people, _ = decode(drawn, given.skeleton, given.options, "cpu" if cpp else "cuda")
        yield people_json(JsonFields(pose=people.keypoints))
