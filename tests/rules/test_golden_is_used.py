"""Every file of tests/golden is read by a test: none is kept that proves nothing.

A module of tests reads a file if it, or what it imports from `drawn`, names all folders on the way
(below `golden`), and has a text that is the file's name or its stem, or lists folders when it is
loaded. What stands in braces in an f-string may be anything.
"""

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
GOLDEN = TESTS / "golden"
FOLDERS = sorted({path.parent for path in GOLDEN.rglob("*") if path.is_file()})
LISTS = "iterdir"
NOT_ANSWERS = (".md", ".prototxt")  # texts for people; what files beside them were made from


def texts(module: Path) -> Iterator[str]:
    """All texts of a module and of its imports as patterns, cut at slashes."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("drawn."):
            yield from texts(TESTS / f"{node.module.replace('.', '/')}.py")
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "*" for part in node.values]
            yield from "".join(map(str, parts)).split("/")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from node.value.split("/")
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and LISTS in ast.dump(statement):
            yield "*"


MODULES = {path: frozenset(texts(path)) for path in TESTS.rglob("*.py") if path != Path(__file__)}


def reads(words: frozenset[str], path: Path) -> bool:
    """Whether a module with these texts reads the file."""
    folders = {"golden", *path.parent.relative_to(GOLDEN).parts}
    names = (path.name, path.stem)
    return folders <= words and any(
        fnmatch.fnmatchcase(name, word) for word in words for name in names
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(TESTS).as_posix())
def test_every_golden_file_is_read_by_a_test(folder):
    files = [path for path in folder.iterdir() if path.is_file() and path.suffix not in NOT_ANSWERS]
    left = [
        path.name for path in files if not any(reads(words, path) for words in MODULES.values())
    ]
    assert not left, f"no test reads {', '.join(sorted(left))}"


def test_a_file_that_no_test_names_would_be_found():
    unknown = GOLDEN / "sizes" / "left_over.bin"
    named = GOLDEN / "sizes" / "net_sizes.json"
    assert not any(reads(words, unknown) for words in MODULES.values())
    assert any(reads(words, named) for words in MODULES.values())
