from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from openpose_py.cli.commands.export import main
from openpose_py.errors import ModelFileError, OutputError, StageError, UsageError
from openpose_py.export.exported import Exported, Wishes
from openpose_py.export.facts import Facts, read_facts
from openpose_py.export.formats import FORMATS, Format, export
from openpose_py.networks import NETWORKS
from openpose_py.networks.gccpm import Gccpm
from openpose_py.networks.lightweight_cpm import Lightweight
from openpose_py.zoo.cards import ModelCard, card_named

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("openvino")

QUICK = ("body_25b_compact", "lightweight_openpose")
OTHERS = sorted(NETWORKS.keys() - set(QUICK))
HEATS, PAFS = "stage_{}_output_1_heatmaps", "stage_{}_output_0_pafs"


def seeded(name: str) -> nn.Module:
    torch.manual_seed(2)
    network = NETWORKS[name]().eval().requires_grad_(False)
    for value in network.state_dict().values():
        if value.dim() == 4:
            nn.init.kaiming_normal_(value)
    return network


def card_of(name: str) -> ModelCard:
    cards = {"body_25b_compact": "BODY_25B_COMPACT", "human_pose_estimation_0001": "mobilenet_thin"}
    return card_named(cards.get(name, "mobilenet_thin" if "tfpose" in name else "BODY_25"))


def maps_of(path: Path, x: np.ndarray) -> list[np.ndarray]:
    """Outputs of the file as its own runtime computes them, without our engines."""
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return session.run(None, {session.get_inputs()[0].name: x})
    if path.suffix == ".xml":
        import openvino

        exact = {"INFERENCE_PRECISION_HINT": "f32"}
        found = openvino.Core().compile_model(str(path), "CPU", exact)(x)
        return [found[n] for n in range(len(found))]
    return [one.numpy() for one in torch.jit.load(str(path))(torch.from_numpy(x))]


@pytest.mark.parametrize("kind", FORMATS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def test_every_network_leaves_with_the_maps_that_it_has_in_pytorch(
    kind: Format, name: str, tmp_path: Path
) -> None:
    network, path = seeded(name), tmp_path / f"it{kind.suffix}"
    written = export(kind, name, network, card_of(name), Wishes(), path)
    assert written.difference <= 1e-4
    assert [file.name for file in written.files] == sorted(p.name for p in tmp_path.iterdir())[::-1]
    x = torch.rand(1, 3, 48, 112, generator=torch.Generator().manual_seed(5)) - 0.5
    last = maps_of(path, x.numpy())[-2 if len(written.outputs) > 1 else -1 :]
    wanted = network(x).numpy()
    assert np.abs(np.concatenate(last, 1) - wanted).max() <= 1e-4 * np.abs(wanted).max()


def test_lightweight_openpose_has_the_names_of_its_converter(tmp_path: Path) -> None:
    card, network = card_of("lightweight_openpose"), Lightweight(2).eval()
    written = {}
    for kind in FORMATS.values():
        path = tmp_path / f"it{kind.suffix}"
        written[kind.name] = export(kind, "lightweight_openpose", network, card, Wishes(), path)
    every = [one.format(stage) for stage in range(3) for one in (HEATS, PAFS)]
    assert written["onnx"].outputs == every
    assert written["openvino"].outputs == every[-2:]
    import onnx
    import openvino

    graph = onnx.load(str(tmp_path / "it.onnx")).graph
    assert [one.name for one in graph.output] == every and graph.input[0].name == "data"
    model = openvino.Core().read_model(str(tmp_path / "it.xml"))
    assert [one.any_name for one in model.outputs] == every[-2:]
    assert model.input(0).any_name == "data"


@pytest.mark.parametrize("stages", [0, 1])
def test_stages_left_out_give_the_maps_of_the_last_one_kept(stages: int, tmp_path: Path) -> None:
    network, path = Gccpm(2).eval().requires_grad_(False), tmp_path / "it.onnx"
    written = export(
        FORMATS["onnx"], "gccpm", network, card_of("hand"), Wishes(stages=stages), path
    )
    assert written.outputs == [HEATS.format(stage) for stage in range(stages + 1)]
    x = torch.rand(1, 3, 64, 64)
    wanted = network.stages(x)[stages].numpy()
    assert np.abs(maps_of(path, x.numpy())[-1] - wanted).max() < 1e-5


def test_the_old_networks_can_be_cut_too_and_the_new_ones_say_that_they_cannot() -> None:
    network = seeded("mpi")
    cut = Exported("mpi", network, card_of("mpi"), Wishes(stages=3))
    four = NETWORKS["mpi_4_layers"]().eval()
    four.load_state_dict(network.state_dict(), strict=False)
    x = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(cut(x)[0], four(x))
        assert not torch.equal(network(x), four(x))  # the network itself stays whole
    with pytest.raises(UsageError, match="must be 0 to 5, got 6"):
        Exported("mpi", network, card_of("mpi"), Wishes(stages=6))
    with torch.device("meta"):
        body_25 = NETWORKS["body_25"]()
    with pytest.raises(UsageError, match="none can be left out"):
        Exported("body_25", body_25, card_of("body_25"), Wishes(stages=1))


def test_a_baked_file_takes_the_pixels_as_they_are_and_only_its_size(tmp_path: Path) -> None:
    network, path = seeded("body_25b_compact"), tmp_path / "it.onnx"
    card = card_of("body_25b_compact")
    export(FORMATS["onnx"], "body_25b_compact", network, card, Wishes((64, 96), bake=True), path)
    pixels = np.random.default_rng(3).integers(0, 256, (1, 3, 64, 96)).astype(np.float32)
    wanted = network(torch.from_numpy(pixels) / 256 - 0.5).numpy()
    assert np.abs(maps_of(path, pixels)[0] - wanted).max() < 1e-4 * np.abs(wanted).max()
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == [1, 3, 64, 96]
    said = read_facts(session.get_modelmeta().custom_metadata_map["openpose_py"], "it")
    assert said == Facts(
        "body_25b_compact", "BODY_25B_COMPACT", "BODY_25B", "none", "BGR", 8, "image",
        ("net_output",), (64, 96),
    )  # fmt: skip


def test_a_model_of_crops_leaves_in_its_size_and_turns_the_channels_itself() -> None:
    network, card = Gccpm(1).eval().requires_grad_(False), card_named("gccpm_coco")
    plain = Exported("gccpm", network, card, Wishes())
    baked = Exported("gccpm", network, card, Wishes((64, 32), bake=True))
    assert plain.facts.size == (384, 288) and plain.facts.channels == "RGB"
    assert baked.facts.size == (64, 32) and baked.facts.channels == "BGR"
    pixels = np.random.default_rng(3).integers(0, 256, (64, 32, 3)).astype(np.float32)
    rgb = (pixels[..., ::-1] - (123.675, 116.28, 103.53)) / (58.395, 57.12, 57.375)
    wanted = plain(torch.from_numpy(rgb.astype(np.float32).transpose(2, 0, 1)[None]))[0]
    found = baked(torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()))[0]
    assert float((found - wanted).abs().max()) < 1e-5


def test_wishes_that_cannot_be_met_are_named(tmp_path: Path) -> None:
    network, card = seeded("body_25b_compact"), card_of("body_25b_compact")
    with pytest.raises(UsageError, match=r"must end in \.xml"):
        export(FORMATS["openvino"], "it", network, card, Wishes(), tmp_path / "it.onnx")
    with pytest.raises(UsageError, match="multiples of 8"):
        export(FORMATS["onnx"], "it", network, card, Wishes((60, 64)), tmp_path / "it.onnx")
    missing = FORMATS["onnx"]._replace(packages=("no_such_package",))
    with pytest.raises(StageError, match="needs the package no_such_package") as caught:
        export(missing, "it", network, card, Wishes(), tmp_path / "it.onnx")
    assert 'pip install "openpose-py[onnx]"' in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_file_whose_maps_are_others_is_not_kept(tmp_path: Path) -> None:
    class Moody(nn.Module):
        """Other maps in a file than in PyTorch, as a bug of a converter would make them."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * 1.01 if torch.jit.is_tracing() else x

    with pytest.raises(OutputError, match="differs from PyTorch"):
        export(FORMATS["torchscript"], "it", Moody(), card_of("hand"), Wishes(),
               tmp_path / "it.torchscript")  # fmt: skip
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"network": "x"}', '{"maps": 1, "size": 2}'])
def test_files_of_others_say_nothing_about_themselves(text: str) -> None:
    with pytest.raises(ModelFileError):
        read_facts(text, "it.onnx")


def test_the_command_takes_its_flags_in_both_spellings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from typer.testing import CliRunner

    from openpose_py.cli.app import _app

    def run(*words: str) -> str:
        result = CliRunner().invoke(_app(["export"]), ["export", "BODY_25B_COMPACT", *words])
        assert result.exit_code == 0, result.output
        return (tmp_path / "it.torchscript").read_bytes().count(b'"normalisation": "none"') * "b"

    target = ("--format", "torchscript", "--output", str(tmp_path / "it.torchscript"))
    assert run(*target, "--input-size", "64", "96", "--bake-preprocess", "--stages", "0") == "b"
    assert run(*target, "--input_size", "64", "96", "--bake_preprocess") == "b"
    assert run(*target) == ""


def test_a_caffemodel_is_written_whole(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not for caffemodels"):
        main("BODY_25B_COMPACT", str(tmp_path / "it.caffemodel"), stages=1)
