"""The page's files, data blocks and facts, joined into one HTML text."""

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "page"
STYLES = ("base.css", "parts.css")
SCRIPTS = (  # each may use those before it
    "recording.js", "blocks.js", "measures.js", "view.js", "theme.js", "stage.js", "pictures.js",
    "player.js", "timeline.js", "plots.js", "tables.js", "people.js", "downloads.js", "live.js",
    "main.js",
)  # fmt: skip
Block = tuple[dict[str, Any], bytes]  # attributes (data-...) and content


def page_text(
    title: str, blocks: Iterable[Block], facts: Callable[[], dict[str, Any]]
) -> Iterator[str]:
    """The page in pieces. facts: what its scripts are told; called after the last block."""
    shell = (FOLDER / "page.html").read_text(encoding="utf-8")
    style = "".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES)
    head, tail = shell.split("<!-- data and scripts -->")
    yield head.replace("{title}", html.escape(title)).replace("{style}", style)
    for attributes, content in blocks:
        yield _block(attributes, content)
    yield f'<script type="application/json" id="facts">{_json(facts())}</script>\n'
    script = "".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)
    yield f'<script type="module">\n{script}</script>\n{tail}'


def _block(attributes: dict[str, Any], content: bytes) -> str:
    named = "".join(f' data-{key}="{html.escape(str(v))}"' for key, v in attributes.items())
    text = base64.b64encode(content).decode("ascii")
    return f'<script type="application/octet-stream"{named}>{text}</script>\n'


def _json(values: dict[str, Any]) -> str:
    """Without "<", so that no name of a file ends the script."""
    return json.dumps(values, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")
