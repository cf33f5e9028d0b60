"""Which folder may import which: the rules of docs/architecture.md, enforced."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "openpose_py"
FILES = sorted(PACKAGE.rglob("*.py"))

# folder or module of openpose_py -> what of openpose_py it may import; the first that fits decides
MAY_IMPORT = {
    "errors": (),
    "records": (),
    "settings": (),
    "threads": (),
    "timings": (),
    "together": ("errors", "records"),
    "zoo": ("errors", "zoo"),
    "networks": ("networks",),
    "weights": ("errors", "networks", "weights", "zoo"),
    "stages.frames": ("errors", "records", "stages.frames"),
    "stages.maps": ("errors", "records", "stages.maps", "zoo"),
    "compiled": (),
    "upsampling": ("compiled", "records", "upsampling"),
    "stages.people": ("compiled", "errors", "records", "stages.people", "upsampling", "zoo"),
    "stages.pictures": ("compiled", "errors", "records", "stages.pictures", "upsampling", "zoo"),
    "stages.writers": ("errors", "records", "stages.writers", "zoo"),
    "flag_values": ("errors", "records", "settings", "stages.frames", "stages.maps", "zoo"),
    "checks": ("errors", "flag_values", "records", "settings"),
    "pipeline": ("records", "threads", "timings", "together"),
    "evaluate": (
        "errors", "estimator", "evaluate", "records", "settings", "stages", "zoo", "inputs",
        "after_network", "chosen_model", "flag_values", "pipeline",
    ),
    "train": (
        "compiled", "errors", "evaluate", "networks", "records", "stages", "train", "weights",
        "zoo",
    ),
    "tables": ("compiled", "errors", "records", "stages.writers", "tables", "zoo"),
    "engines.no_reports": (),
    "doctor": ("engines.cores", "doctor", "errors", "stages.people.cuda", "weights.find", "zoo"),
    "engines.cores": (),
    "export": (
        "engines.no_reports", "errors", "export", "networks", "stages.writers", "weights", "zoo",
    ),
    "store": ("errors", "stages.writers.whole_file", "store", "weights", "zoo"),
    "report": ("errors", "records", "report", "settings", "stages.writers", "tables", "zoo"),
}  # fmt: skip

# heavy packages and the only folders that may import them
FENCES = {
    "torch": ("networks", "weights", "stages.maps.engines", "train", "export",
              "batch.thread_shares", "bench"),
    "numba": ("compiled", "stages.people.decode"),
    "cupy": ("stages.people.cuda.launch",),
    "cv2": (
        "stages.frames", "stages.maps.net_input", "stages.maps.crops", "stages.maps.person_crops",
        "stages.maps.square_inputs", "stages.maps.detector_input", "stages.people.highest_places",
        "stages.pictures", "cli.shown",
        "stages.writers", "stages.people.face_cascade", "stages.people.track_one", "window",
        "train", "evaluate", "report", "batch.thread_shares", "bench",
    ),
    "av": ("stages.frames", "stages.writers", "report", "batch.spans", "bench"),
    "onnx": ("export",),
    "onnxruntime": ("export", "stages.maps.engines"),
    "openvino": ("export", "stages.maps.engines", "engines.int8"),
    "nncf": ("engines.int8",),
    "ray": ("batch.cluster",),
    "fsspec": ("batch.remote",),
    "pyarrow": ("batch.report", "tables",),
    "typer": ("cli",),
    "rich": ("cli",),
}  # fmt: skip


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def below(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}.")


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_folder_imports_only_what_its_rule_allows(path):
    module = module_of(path)
    rule = next((allowed for folder, allowed in MAY_IMPORT.items() if below(module, folder)), None)
    if rule is None:
        return  # the top of the package may import everything below
    ours = {
        n.removeprefix("openpose_py.") for n in imports_of(path) if n.startswith("openpose_py.")
    }
    broken = {name for name in ours if not any(below(name, folder) for folder in rule)}
    assert not broken, f"{module} may not import {sorted(broken)}"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_heavy_packages_stay_behind_their_fences(path):
    module = module_of(path)
    for package, folders in FENCES.items():
        if any(below(name, package) for name in imports_of(path)):
            allowed = any(below(module, folder) for folder in folders)
            assert allowed, f"{module} may not import {package}: only {folders}"


def test_the_rules_catch_a_stage_that_imports_another(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("from openpose_py.stages.writers.writer import Writer\nimport torch\n")
    found = imports_of(path)
    assert "torch" in found
    assert not any(below("stages.writers.writer", folder) for folder in MAY_IMPORT["stages.frames"])


def test_no_relative_imports():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
