import subprocess
import sys
from pathlib import Path

import pytest
from drawn.stick_people import TINY_RECIPE, four_people, write_pack

from openpose_py.cli.commands.train import main
from openpose_py.errors import InputError, UsageError
from openpose_py.zoo.cards import read_card


def test_the_command_prints_the_card_and_tells_how_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path, four_people(64), 64)
    recipe = tmp_path / "r.toml"
    recipe.write_text(TINY_RECIPE.format(steps=9).replace("crop = 128", "crop = 64"))
    out = tmp_path / "out"
    assert main(str(recipe), str(tmp_path), str(out), steps=1, batch=2, device="cpu") == 0
    printed = capsys.readouterr()
    assert printed.out.split() == [str(out / "tiny.toml")]
    assert "step 1 of 1" in printed.err
    assert "for 1 steps of 2" in read_card(out / "tiny.toml").summary


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--minutes: must not be negative"):
        main("body_25", minutes=-1)
    with pytest.raises(InputError, match="no such folder or tar file"):
        main("body_25b_compact", str(tmp_path), str(tmp_path / "out"), device="cpu")
    with pytest.raises(UsageError, match="unknown device"):
        main("body_25b_compact", str(tmp_path), str(tmp_path / "out"), device="gpu7")


@pytest.mark.parametrize("command", ["train", "export"])
def test_help_loads_nothing_heavy(command: str) -> None:
    code = (
        f"import sys, openpose_py.cli.commands.{command}; "
        "print(sorted({'torch', 'cv2', 'numba', 'rich'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
