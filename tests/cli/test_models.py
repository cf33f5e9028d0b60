"""`openpose-py models ...` through the real command, with cards whose addresses are a test's."""

import hashlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from drawn.broken_server import BrokenServer
from drawn.command import Ran, openpose_py

from openpose_py.cli.import_models import convert_file, import_models
from openpose_py.errors import MissingModel, ModelFileError, UsageError
from openpose_py.networks import NETWORKS

ROOT = Path(__file__).parents[2]
NETWORK = "tfpose_mobilenet_v2_small"
PATH = "graph/loopback/weights.pth"
SECONDS = 0.5
HEAVY = ("torch", "cv2", "numba", "av")
CARD = """
name = "{name}"
summary = "A model of the tests."
skeleton = "COCO"
networks = ["{network}"]
licence = "terms of the tests (all of them); not redistributable"
normalisation = "none"
thresholds = {{ peak = 0.05, limb_sample = 0.05, limb_share = 0.6, parts = 4, score = 0.3 }}
maximize_positives = {{ peak = 0.05, limb_sample = 0.05, limb_share = 0.6, parts = 4, score = 0.3 }}

[[figures]]
name = "AP"
value = 12.5
conditions = "of no data at all"

[[files]]
path = "{path}"
network = "{network}"
{facts}
"""


@pytest.fixture(scope="module")
def weights() -> bytes:
    torch.manual_seed(1)
    file = io.BytesIO()
    torch.save(NETWORKS[NETWORK]().state_dict(), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def server(weights) -> Iterator[BrokenServer]:
    running = BrokenServer({"weights.pth": weights})
    yield running
    running.stop()


@pytest.fixture(scope="module")
def package(server, weights, tmp_path_factory) -> Path:
    """A folder with a copy of the package whose cards name the server."""
    folder = tmp_path_factory.mktemp("package")
    left_out = shutil.ignore_patterns("__pycache__", "*.safetensors", "*.csv")
    for name in ("openpose_py", "models"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    digest = f'bytes = {len(weights)}\nsha256 = "{hashlib.sha256(weights).hexdigest()}"\n'
    rows = {
        "loopback": (digest, ("is_down", "page", "breaks", "good")),
        "wrong": (digest, ("wrong_bytes", "says_less")),
        "unknown": ("", ("good",)),
        "nowhere": ("", ()),
    }
    for name, (facts, behaviours) in rows.items():
        sources = json.dumps([server.address(one) for one in behaviours])
        text = CARD.format(
            name=name, network=NETWORK, path=PATH.replace("loopback", name),
            facts=f"{facts}sources = {sources}" if behaviours else facts,
        )  # fmt: skip
        (folder / "models" / "tf_pose" / f"{name}.toml").write_text(text)
    return folder


@pytest.fixture
def models(package, tmp_path):
    """Runs `openpose-py models WORDS` of that package with a cache of its own."""

    def run(*words: object) -> Ran:
        environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "no_proxy": "127.0.0.1"}
        return openpose_py("models", *words, cwd=package, environment=environment)

    return run


def cached(tmp_path: Path, name: str) -> Path:
    return tmp_path / "cache" / "openpose-py" / "models" / PATH.replace("loopback", name)


def test_a_model_is_pulled_once_and_then_known(models, server, weights, tmp_path):
    done = models("pull", "loopback", "--yes")
    assert done.code == 0, done.err
    assert done.out.strip() == str(cached(tmp_path, "loopback"))
    assert cached(tmp_path, "loopback").read_bytes() == weights
    assert done.said("licence of loopback: terms of the tests") and done.said("as published")
    requests = len(server.requests)
    again = models("pull", "loopback")
    assert again.code == 0 and again.said("is here, as published"), again.err
    assert len(server.requests) == requests
    assert models("path", "loopback").out.strip() == str(cached(tmp_path, "loopback"))
    assert "loopback" in models("list", "--present").out
    assert "loopback" not in models("list", "--missing").out
    verified = models("verify")
    assert verified.code == 0 and "as published" in verified.out


def test_the_licence_must_be_agreed_to_once(models, server, tmp_path):
    requests = len(server.requests)
    asked = models("pull", "loopback")
    assert asked.code == 2 and asked.said("terms of the tests") and asked.said("--yes"), asked.err
    assert len(server.requests) == requests and not cached(tmp_path, "loopback").exists()
    assert models("pull", "loopback", "--yes", "--quiet").code == 0
    other = models("pull", "unknown")
    assert other.code == 0 and not other.said("licence"), other.err


def test_offline_makes_no_connection(models, server):
    requests = len(server.requests)
    done = models("pull", "loopback", "unknown", "--yes", "--offline")
    assert done.code == 4 and done.said("not here: loopback, unknown"), done.err
    assert len(server.requests) == requests


def test_wrong_bytes_and_lies_end_in_a_list_of_addresses(models, server, tmp_path):
    done = models("pull", "wrong", "--yes")
    assert done.code == 4
    for said in ("wrong_bytes", "its sha256 is", "says_less", "bytes, wanted", "models import"):
        assert done.said(said), done.err
    assert not cached(tmp_path, "wrong").exists()
    nowhere = models("pull", "nowhere", "--yes")
    assert nowhere.code == 4 and nowhere.said("models import FILE --name nowhere")


def test_a_named_folder_takes_the_files_and_a_damaged_one_comes_again(models, weights, tmp_path):
    folder = tmp_path / "own"
    words = ("--model_folder", folder)
    assert models("pull", "loopback", "--yes", *words).code == 0
    path = folder / PATH
    path.write_bytes(weights[:-1])
    bad = models("verify", "loopback", *words)
    assert bad.code == 3 and "WRONG: has 2," in bad.out, bad.out
    again = models("pull", "loopback", *words)
    assert again.code == 0 and again.said("getting it again"), again.err
    assert path.read_bytes() == weights
    assert models("verify", "loopback").code == 4


def test_a_damaged_file_that_a_run_reads_first_must_go(models, package, tmp_path):
    damaged = package / "models" / PATH
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"cut")
    done = models("pull", "loopback", "--yes")
    shutil.rmtree(damaged.parents[1])
    assert done.code == 3 and done.said("delete it, then pull again"), done.err


def test_import_and_convert_take_files_by_what_they_hold(models, weights, tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "weights.pth").write_bytes(weights)
    (folder / "letter.pth").write_bytes(b"dear all, " * 60)
    some = models("import", folder, "--name", "loopback")
    assert some.code == 1 and some.said("letter.pth: is a text file"), some.err
    assert some.out.strip() == str(cached(tmp_path, "loopback").with_suffix(".safetensors"))
    assert models("path", "loopback").out == some.out
    target = tmp_path / "x.safetensors"
    converted = models("convert", folder / "weights.pth", "--output", target)
    assert converted.code == 0 and target.is_file() and converted.said(f"holds {NETWORK}")


def test_import_and_convert_refuse_what_cannot_be_read(tmp_path):
    text = tmp_path / "letter.pth"
    text.write_bytes(b"dear all, " * 60)
    with pytest.raises(ModelFileError, match="is a text file"):
        import_models(str(text), "", str(tmp_path), False)
    with pytest.raises(ModelFileError, match="none of the files"):
        import_models(str(tmp_path), "", str(tmp_path), False)
    with pytest.raises(MissingModel, match="no such file"):
        import_models(str(tmp_path / "none.pth"), "", str(tmp_path), False)
    with pytest.raises(MissingModel, match="no such file"):
        convert_file(str(tmp_path / "none.pth"), "x.safetensors", False)
    with pytest.raises(UsageError, match=r"must end in \.safetensors"):
        convert_file(str(text), "x.pth", False)


def test_a_run_that_lacks_a_file_names_the_command_and_gets_nothing(
    package, server, two_people, tmp_path
):
    requests = len(server.requests)
    done = openpose_py(
        "--image_dir", two_people, "--write_json", tmp_path / "o", "--model_pose", "loopback",
        cwd=package, environment={"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.code == 4 and done.said("openpose-py models pull loopback"), done.err
    assert len(server.requests) == requests


@pytest.mark.slow  # the copied package compiles its kernels anew
def test_a_pulled_model_runs(models, package, two_people, tmp_path):
    assert models("pull", "loopback", "--yes").code == 0
    done = openpose_py(
        "--image_dir", two_people, "--write_json", tmp_path / "o", "--model_pose", "loopback",
        "--net_resolution", "-1x128", cwd=package,
        environment={"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.code == 0 and len(list((tmp_path / "o").iterdir())) == 1, done.err


def test_the_list_and_a_card_are_shown_in_text_and_in_json(models):
    text = models("list", "--family", "tf_pose")
    (row,) = [line for line in text.out.splitlines() if line.startswith("loopback ")]
    assert row.split() == [*("loopback", "-", "COCO", "tf_pose", "AP", "12.5"),
                           *("terms", "of", "the", "tests")]  # fmt: skip
    table = json.loads(models("list", "--json").out)
    assert {"name", "present", "licence", "figures", "files"} <= set(table[0])
    shown = models("show", "loopback").out
    for said in (PATH, "sha256", "http://127.0.0.1", "AP 12.5 (of no data at all)", "models pull"):
        assert said in shown
    assert json.loads(models("show", "loopback", "--json").out)["name"] == "loopback"
    wrong = models("show", "lopback")
    assert wrong.code == 2 and wrong.said("did you mean loopback?")
    assert models("list", "--skeleton", "COCOO").said("did you mean COCO?")


def test_the_list_answers_within_half_a_second_and_without_heavy_packages():
    openpose_py("models", "list")
    times = []
    for _ in range(4):
        start = seconds_of_children()
        assert openpose_py("models", "list").code == 0
        times.append(seconds_of_children() - start)
    assert min(times) < SECONDS, times
    program = (
        "import sys\nfrom openpose_py.cli.app import main\nsys.argv[1:] = ['models', 'list']\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def seconds_of_children() -> float:
    """Processor time of finished processes: steady where a busy machine's clock is not."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C")
def test_ctrl_c_leaves_what_came_and_the_next_pull_goes_on(models, package, server, tmp_path):
    import signal
    import time

    card = package / "models" / "tf_pose" / "loopback.toml"
    old = card.read_text()
    card.write_text(old.replace("/is_down/", "/falls_silent/"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "no_proxy": "127.0.0.1"}
    words = [sys.executable, "-m", "openpose_py", "models", "pull", "loopback", "--yes"]
    pulling = subprocess.Popen(words, cwd=package, env=environment, stderr=subprocess.DEVNULL)
    part = cached(tmp_path, "loopback").with_name(".part-weights.pth")
    started = time.monotonic()
    while not part.exists() and time.monotonic() - started < 20:
        time.sleep(0.05)
    pulling.send_signal(signal.SIGINT)
    assert pulling.wait(20) == 130 and part.exists()
    card.write_text(old)
    done = models("pull", "loopback")
    assert done.code == 0 and not part.exists(), done.err
