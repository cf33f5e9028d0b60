"""The built wheel, away from the checkout: cards, skeletons, kernels and pages are inside."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from drawn.command import SECONDS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation",
         "--wheel-dir", folder, ROOT],
        check=True, capture_output=True, timeout=SECONDS,
    )  # fmt: skip
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, wheel],
        check=True, capture_output=True, timeout=SECONDS,
    )  # fmt: skip
    return folder


def test_cards_skeletons_and_pages_are_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in ("models/openpose/COCO.toml", "models/skeletons/MPI.toml", "docs/flags.md"):
        assert f"openpose_py/{wanted}" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "models/"))]
    assert Path(wheel).stat().st_size < 20_000_000


def test_the_installed_wheel_decodes_people_without_libgl(installed, crowd_maps, tmp_path):
    program = (
        "import sys, openpose_py\nfrom openpose_py.cli.app import main\n"
        "sys.argv[1:] = sys.argv[1:]\n"
        "try: main()\nexcept SystemExit as done: code = done.code\n"
        "loaded = open('/proc/self/maps').read() if sys.platform == 'linux' else ''\n"
        "print(openpose_py.__file__, 'libGL' in loaded)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "decode", crowd_maps, "--quiet", "--write_json", "out",
         "--write_images", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(installed / "openpose_py" / "__init__.py"), "False"]
    assert (tmp_path / "out" / "crowd_rendered.png").exists()
    assert (tmp_path / "out" / "crowd_keypoints.json").exists()
