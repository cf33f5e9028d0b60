"""Weight files under any name are known by what they hold."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from openpose_py.errors import MissingModel, ModelFileError, OutputError, UsageError
from openpose_py.networks import NETWORKS
from openpose_py.networks.gccpm import Gccpm
from openpose_py.store.import_files import import_file, weight_files
from openpose_py.store.verify import verify
from openpose_py.weights.find import find_weights
from openpose_py.weights.load import load_network
from openpose_py.zoo.cards import card_named

SMALL = "mobilenet_v2_small"


@pytest.fixture(scope="module")
def coco(tmp_path_factory) -> Path:
    """What `body_pose_model.pth` holds, with random numbers; some copies have prefixes."""
    torch.manual_seed(2)
    path = tmp_path_factory.mktemp("coco") / "some name (1).bin"
    table = {f"model0.{key}": tensor for key, tensor in NETWORKS["coco"]().state_dict().items()}
    torch.save(table, path)
    return path


def test_a_body_pose_model_becomes_coco_and_runs_find_it(coco, tmp_path, cache):
    imported = import_file(coco, cache)
    assert imported.card.name == "COCO"
    assert imported.path == cache / "pose" / "coco" / "pose_iter_440000.safetensors"
    assert find_weights(card_named("COCO"), tmp_path / "models") == imported.path
    name, network = load_network(imported.path, ["coco"])
    wanted = torch.load(coco, weights_only=True)
    assert name == "coco"
    assert all(torch.equal(t, wanted[f"model0.{key}"]) for key, t in network.state_dict().items())
    assert coco.is_file()


def test_the_name_of_a_published_file_decides_its_place(weights, tmp_path, cache):
    file = tmp_path / "graph_opt.pb"
    file.write_bytes(weights)
    imported = import_file(file, cache)
    assert imported.card.name == SMALL
    assert imported.path == cache / "graph" / SMALL / "graph_opt.safetensors"


def test_a_converted_file_is_pinned_and_a_change_is_seen(weights, tmp_path, cache):
    file = tmp_path / "a.pth"
    file.write_bytes(weights)
    path = import_file(file, cache).path
    card = card_named(SMALL)
    found = verify(card, tmp_path)
    assert found and found.right and found.path == path
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    found = verify(card, tmp_path)
    assert found and not found.right and "is not the first pulled file" in found.text


def test_the_model_can_be_named_and_another_one_is_refused(weights, tmp_path, cache):
    file = tmp_path / "a.pth"
    file.write_bytes(weights)
    assert import_file(file, cache, SMALL).card.name == SMALL
    with pytest.raises(ModelFileError, match=f"holds tfpose_{SMALL}.*not COCO"):
        import_file(file, cache, "COCO")
    with pytest.raises(UsageError, match="no model"):
        import_file(file, cache, "COCOO")


@pytest.mark.slow  # 252 MB
def test_a_darknet_file_is_copied(tmp_path, cache):
    file = tmp_path / "my yolo.weights"
    file.write_bytes(bytes(252_209_544))
    imported = import_file(file, cache)
    assert imported.card.name == "yolov3_spp"
    assert imported.path == cache / "detectors" / "yolov3-spp.weights"
    assert [path.name for path in imported.path.parent.iterdir()] == ["yolov3-spp.weights"]


def test_models_that_weights_do_not_tell_apart_want_a_name(tmp_path, cache):
    file = tmp_path / "checkpoint.pth"
    torch.save({"state_dict": Gccpm(1, "bilinear").state_dict(), "iter": 7}, file)
    with pytest.raises(UsageError, match="gccpm_coco, gccpm_lip") as caught:
        import_file(file, cache)
    assert "--name NAME" in str(caught.value)
    imported = import_file(file, cache, "gccpm_lip")
    assert imported.path == cache / "gccpm" / "gccpm_lip.safetensors"
    assert find_weights(card_named("gccpm_lip"), tmp_path) == imported.path
    with pytest.raises(ModelFileError, match=r"holds gccpm, the network of .*; not COCO"):
        import_file(file, cache, "COCO")
    named = file.rename(tmp_path / "single-human-pose-estimation-0001.pth")
    assert import_file(named, cache).card.name == "gccpm_coco"


def test_all_weight_files_of_a_folder_are_found(tmp_path):
    for name in ("a.pth", "b/c.caffemodel", "b/d.txt", "e.PTH", "f.pth.tar"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in weight_files(tmp_path)]
    assert found == ["a.pth", "b/c.caffemodel", "e.PTH", "f.pth.tar"]


def hostile(folder: Path, weights: bytes) -> dict[str, Path]:
    """Files that are no weights, each in its own way."""
    zeros = folder / "bomb.pth"
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(20_000_000))
    contents = {
        "empty.pth": b"",
        "page.caffemodel": b"<html>" * 100,
        "pointer.pth": b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n",
        "cut.pth": weights[: len(weights) // 2],
        "noise.caffemodel": os.urandom(4096),
        "code.pth": b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00trueq\x00\x85R.",
        "huge.safetensors": (1 << 60).to_bytes(8, "little") + b"{}",
        "description.xml": b"<?xml version='1.0'?><net><layers/></net>",
        "short.weights": bytes(20) + os.urandom(400),
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {path.name: path for path in folder.iterdir()}


NAMES = (
    "bomb.pth", "empty.pth", "page.caffemodel", "pointer.pth", "cut.pth", "noise.caffemodel",
    "code.pth", "huge.safetensors", "description.xml", "short.weights",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_ends_in_one_error_that_names_it(name, weights, tmp_path, cache):
    path = hostile(tmp_path, weights)[name]
    with pytest.raises(ModelFileError) as caught:
        import_file(path, cache)
    assert str(path) in str(caught.value) and len(str(caught.value).splitlines()) <= 2
    assert not list(cache.rglob("*.safetensors"))


def test_a_missing_file_and_a_copy_that_was_broken_off_leave_nothing(weights, tmp_path, cache):
    with pytest.raises(MissingModel):
        import_file(tmp_path / "none.pth", cache)
    file = tmp_path / "a.pth"
    file.write_bytes(weights)
    path = import_file(file, cache).path
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert load_file(path)
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"a file in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        import_file(file, cache)
