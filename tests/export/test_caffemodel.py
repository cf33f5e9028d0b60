from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.make_caffemodel import network_table, seeded_input
from torch import nn

from openpose_py.cli.commands.export import main
from openpose_py.errors import MissingModel, OutputError, UsageError
from openpose_py.export.caffe_graph import caffe_layers
from openpose_py.export.caffemodel import prototxt_text, write_caffemodel
from openpose_py.networks import NETWORKS
from openpose_py.networks.compact_cpm import body_25b
from openpose_py.weights.load import load_network
from openpose_py.weights.prototxt import check_prototxt

OPENPOSE = (
    *("body_25", "body_25b_option1", "body_25b_option2", "body_135", "coco", "mpi"),
    *("mpi_4_layers", "face", "hand"),
)
needs_opencv4 = pytest.mark.skipif(
    cv2.__version__.startswith("5"), reason="OpenCV 5 reads no caffemodels"
)


def seeded(name: str) -> nn.Module:
    """With outputs of a size at which differences would be seen."""
    torch.manual_seed(3)
    network = NETWORKS[name]().eval()
    for key, value in network.state_dict().items():
        if value.dim() == 4:
            nn.init.kaiming_normal_(value)
        elif key.endswith("bias"):
            value.uniform_(-0.1, 0.1)
    return network


def wiring(layers: list[tuple[str, str, tuple[str, ...], str, int]]) -> dict[str, object]:
    """name, kind, bottoms, top, width of each layer -> what each convolution and the output see.
    Pooled and joined blobs have no name of their own: they are what they are made of."""
    made: dict[str, object] = {"image": "image"}
    seen: dict[str, object] = {}
    for name, kind, bottoms, top, width in layers:
        inputs = tuple(made[bottom] for bottom in bottoms)
        if kind == "Convolution":
            seen[name] = (width, inputs)
            made[top] = name
        elif kind == "PReLU":
            seen[name] = inputs
        elif kind in ("Pooling", "Concat"):
            made[top] = (kind, *inputs)
    return {**seen, "net_output": made["net_output"]}


@pytest.mark.parametrize("name", OPENPOSE)
def test_layers_are_wired_as_in_the_published_description(name: str) -> None:
    with torch.device("meta"):
        network = NETWORKS[name]()
    found = [
        (layer.name, layer.kind, layer.bottoms, layer.top, layer.width)
        for layer in caffe_layers(network)
    ]
    wanted = [
        (row["name"], row["type"], tuple(row["bottoms"]), row["tops"][0], row.get("out", 0))
        for row in network_table(name)["layers"]
    ]
    assert wiring(found) == wiring(wanted)


def test_what_is_written_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    network = seeded("body_25")
    description = write_caffemodel(network, tmp_path / "mine.caffemodel")
    name, found = load_network(tmp_path / "mine.caffemodel", ["body_25"])
    assert name == "body_25"
    written = network.state_dict()
    assert written.keys() == found.state_dict().keys()
    assert all(torch.equal(value, written[key]) for key, value in found.state_dict().items())
    check_prototxt(description, found, name)


@needs_opencv4
@pytest.mark.parametrize(
    "name",
    ["body_25", *(pytest.param(n, marks=pytest.mark.slow) for n in OPENPOSE if n != "body_25")],
)
def test_opencv_computes_the_same_maps_from_it(name: str, tmp_path: Path) -> None:
    network, weights = seeded(name), tmp_path / "mine.caffemodel"
    description = write_caffemodel(network, weights)
    description.write_text(prototxt_text(caffe_layers(network), 48, 64))
    picture = seeded_input(5, 48, 64)
    opencv = cv2.dnn.readNetFromCaffe(str(description), str(weights))
    opencv.setInput(picture)
    wanted = opencv.forward()
    with torch.inference_mode():
        output = network(torch.from_numpy(picture)).numpy()
    assert output.shape == wanted.shape
    assert np.abs(output).max() > 0.1
    assert np.abs(output - wanted).max() < 1e-4 * np.abs(output).max()


def test_our_own_network_has_no_caffe_layers() -> None:
    with pytest.raises(UsageError, match="Caffe has no layers"):
        caffe_layers(body_25b())


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        write_caffemodel(seeded("hand"), tmp_path / "missing" / "x.caffemodel")


def test_the_command_writes_both_files_and_prints_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(seeded("hand").state_dict(), tmp_path / "hand.pth")
    target = tmp_path / "hand.caffemodel"
    assert main(str(tmp_path / "hand.pth"), str(target)) == 0
    assert capsys.readouterr().out.split() == [str(target), str(tmp_path / "hand.prototxt")]
    assert load_network(target, ["hand"])[0] == "hand"


def test_the_command_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean caffemodel"):
        main("BODY_25", "x.caffemodel", format="cafemodel")
    with pytest.raises(MissingModel, match="no such file"):
        main("nowhere.pth", "x.caffemodel")
    with pytest.raises(MissingModel, match="BODY_25"):
        main("BODY_25", "x.caffemodel", model_folder=str(tmp_path))
