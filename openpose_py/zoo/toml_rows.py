"""A TOML file into a dataclass whose fields are the schema."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

from openpose_py.errors import ModelFileError, nearest


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ModelFileError(f"cannot be read: {problem}", where=str(path)) from problem


def check_keys(table: dict[str, Any], record: type, path: Path) -> None:
    """Raises if `table` has a key that `record` lacks, or lacks a field without a default."""
    fields = {field.name: field for field in dataclasses.fields(record)}
    for key in table:
        if key not in fields:
            raise ModelFileError(f"unknown key {key!r}", where=str(path), hint=nearest(key, fields))
    for name, field in fields.items():
        required = (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        if required and name not in table:
            raise ModelFileError(f"the key {name!r} is missing", where=str(path))
