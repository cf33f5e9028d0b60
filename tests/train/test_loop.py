import csv
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from drawn.stick_people import TINY_RECIPE, four_people, write_pack

from openpose_py.errors import InputError, UsageError
from openpose_py.networks.compact_cpm import CompactCpm, fold
from openpose_py.train.checkpoint import FILE, load_state
from openpose_py.train.log_file import Row, read_log
from openpose_py.train.loop import TrainOptions, train
from openpose_py.train.recipe import GroupRow, Recipe, read_recipe
from openpose_py.train.stages import TINY
from openpose_py.weights.state_dict import read_state_dict
from openpose_py.zoo.cards import read_card

COMMAND = (
    "import sys; from openpose_py.cli.commands.train import main; sys.exit(main(*sys.argv[1:4]))"
)
RANDOM = """
person_share = 0.9
rotation = 30
mirror = 0.5
colour = 0.8
mosaic = 0.3
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    write_pack(folder, four_people(64), 64)
    plain = "person_share = 0\nscene_size = [1, 1]\nshift = 0\nrotation = 0\nmirror = 0\n"
    text = TINY_RECIPE.format(steps=10).replace("crop = 128", "crop = 64")
    text = text.replace("batch = 4", "batch = 2").replace(plain, RANDOM)
    (folder / "recipe.toml").write_text(text.replace("crop =", "checkpoint_minutes = 1e-6\ncrop ="))
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def recipe_of(pack: Path, **changes: object) -> Recipe:
    return dataclasses.replace(read_recipe(pack / "recipe.toml"), **changes)


def trained(pack: Path, output: Path, recipe: Recipe, **options: object) -> bytes:
    card = train(recipe, TrainOptions(pack, output, device="cpu", **options), ignore, None)
    assert card is not None
    return card.with_suffix(".safetensors").read_bytes()


def ignore(row: Row) -> None:
    pass


@pytest.fixture(scope="module")
def whole(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of a training that nothing interrupted."""
    torch.set_num_threads(1)
    return trained(pack, tmp_path_factory.mktemp("whole") / "out", recipe_of(pack))


def test_a_killed_and_resumed_training_ends_with_the_same_weights(
    pack: Path, whole: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-c", COMMAND, str(pack / "recipe.toml"), str(pack), str(out)]
    run = subprocess.Popen(words, env={**os.environ, "OMP_NUM_THREADS": "1"},
                           stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not (out / FILE).exists() and run.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    step = load_state(out, recipe_of(pack)).step
    assert step < 10, "it ended before it was killed"
    assert trained(pack, out, recipe_of(pack), resume=True) == whole
    steps = [row.step for row in read_log(out)]
    assert steps == sorted(set(steps))
    assert steps[-1] == 10


def test_workers_do_not_change_the_weights(pack: Path, whole: bytes, tmp_path: Path) -> None:
    assert trained(pack, tmp_path / "out", recipe_of(pack), workers=1) == whole


def test_another_seed_gives_other_weights(pack: Path, whole: bytes, tmp_path: Path) -> None:
    assert trained(pack, tmp_path / "out", recipe_of(pack, seed=2)) != whole


def test_it_stops_in_time_with_everything_saved(pack: Path, whole: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out"
    trained(pack, out, recipe_of(pack), minutes=1e-9)
    assert load_state(out, recipe_of(pack)).step == 1
    assert trained(pack, out, recipe_of(pack), resume=True) == whole


def test_ctrl_c_saves_before_it_ends(pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def interrupt(row: Row) -> None:
        if row.step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(recipe_of(pack), TrainOptions(pack, out, device="cpu"), interrupt, None)
    assert load_state(out, recipe_of(pack)).step == 4
    assert read_card(out / "tiny.toml").files[0].path == "tiny.safetensors"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_written(pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    trained(pack, out, recipe_of(pack, half=True))
    card = read_card(out / "tiny.toml")
    assert card.skeleton == "BODY_25B"
    assert card.files[0].bytes == (out / "tiny.safetensors").stat().st_size
    unfolded = CompactCpm(TINY)
    arrays = read_state_dict(out / "tiny_unfolded.safetensors")
    tensors = {key: torch.from_numpy(array) for key, array in arrays.items()}
    unfolded.load_state_dict(tensors, strict=False)
    x = torch.rand(1, 3, 64, 64) - 0.5
    folded = CompactCpm(TINY, normed=False)
    written = read_state_dict(out / "tiny.safetensors")
    folded.load_state_dict({key: torch.from_numpy(array) for key, array in written.items()})
    with torch.inference_mode():
        assert torch.allclose(folded(x), fold(unfolded)(x), atol=2e-3)
    with (out / "log.csv").open() as file:
        assert len(list(csv.reader(file))) == 11  # a row a checkpoint


def test_frozen_layers_stay_as_they_are(pack: Path, tmp_path: Path) -> None:
    recipe = recipe_of(pack, groups=(GroupRow("stem", frozen=True),))
    trained(pack, tmp_path / "a", recipe, minutes=1e-9)
    trained(pack, tmp_path / "b", recipe)
    a, b = (load_state(tmp_path / name, recipe).network for name in "ab")
    same = {key for key in a if torch.equal(a[key], b[key])}
    assert {key for key in a if key.startswith("stem")} <= same
    assert "lateral8.weight" not in same


def test_a_training_is_not_overwritten_nor_resumed_with_another_recipe(
    pack: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match="nothing to resume"):
        trained(pack, out, recipe_of(pack), resume=True)
    trained(pack, out, recipe_of(pack), minutes=1e-9)
    with pytest.raises(UsageError, match="holds a training already"):
        trained(pack, out, recipe_of(pack))
    with pytest.raises(UsageError, match="another recipe: seed"):
        trained(pack, out, recipe_of(pack, seed=5), resume=True)
    with pytest.raises(UsageError, match="no network"):
        trained(pack, tmp_path / "x", recipe_of(pack, network="body_26"))


@pytest.mark.slow
def test_two_processes_train_together(pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    script = tmp_path / "go.py"
    script.write_text(COMMAND)
    words += [str(script), str(pack / "recipe.toml"), str(pack), str(out)]
    run = subprocess.run(words, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True,
                         timeout=300, text=True)  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert load_state(out, recipe_of(pack)).step == 10
    assert run.stdout.split() == [str(out / "tiny.toml")]
