"""Pages made from the package's tables: `--check` fails when one is stale, `--write` repairs it."""

import itertools
import sys
from pathlib import Path
from urllib.parse import urlsplit

from openpose_py.settings import PANELS, Flag, flags
from openpose_py.store.catalogue import Entry, catalogue
from openpose_py.zoo.cards import NEVER_PUBLISHED, ModelCard, cards

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- made by `make docs`: {} -->\n", "<!-- end: {} -->\n"


def flag_table() -> str:
    rows = sorted(flags(), key=lambda flag: PANELS.index(flag.panel))
    text = ""
    for panel in PANELS:
        text += f"\n### {panel}\n\n| flag | default | what it does |\n| --- | --- | --- |\n"
        text += "".join(_flag_row(flag) for flag in rows if flag.panel == panel)
    return text.lstrip("\n")


def _flag_row(flag: Flag) -> str:
    default = "off" if flag.default is False else f"`{flag.default}`"
    default = "" if flag.default == "" else default
    text = flag.help
    if flag.refused:
        text = f"{text} *Refused:* {flag.refused}."
    elif flag.ours:
        text = f"{text} *Not in OpenPose.*"
    return f"| `--{flag.name}` | {default} | {text} |\n"


def model_table() -> str:
    text = "| `--model_pose` | parts | what it is | file below `--model_folder` |\n"
    text += "| --- | --- | --- | --- |\n"
    text += "".join(_model_row(card) for card in cards().values())
    never = ", ".join(NEVER_PUBLISHED)
    return f"{text}\nNever published, and refused by name: {never}.\n"


def _model_row(card: ModelCard) -> str:
    from openpose_py.zoo.skeletons import read_skeleton

    parts = len(read_skeleton(card.skeleton).parts)
    files = "<br>".join(f"`{file.path}`" for file in card.files)
    return f"| `{card.name}` | {parts} | {card.summary} | {files} |\n"


def source_table() -> str:
    text = ""
    for family in dict.fromkeys(entry.family for entry in catalogue().values()):
        text += f"\n### {family}\n\n| model | licence | figures | files and addresses |\n"
        text += "| --- | --- | --- | --- |\n"
        entries = (entry for entry in catalogue().values() if entry.family == family)
        text += "".join(map(_source_row, entries))
    return text.lstrip("\n")


def _source_row(entry: Entry) -> str:
    card = entry.card
    figures = []
    for conditions, alike in itertools.groupby(card.figures, lambda one: one.conditions):
        values = ", ".join(f"{one.name} {one.value:g}" for one in alike)
        figures.append(f"{values} ({conditions})")
    lines = []
    for file in card.files:
        hosts = (f"[{urlsplit(source).hostname}]({source})" for source in file.sources)
        lines.append(f"`{file.path}` {', '.join(hosts)}".strip())
    cells = (f"`{card.name}`", card.licence, "<br>".join(figures), "<br>".join(lines))
    return f"| {' | '.join(cells)} |\n"


PAGES = {
    "docs/flags.md": {"flags": flag_table},
    "docs/models.md": {"sources": source_table},
    "models/README.md": {"models": model_table},
}


def renewed(text: str, name: str, content: str) -> str:
    """`text` with the marked section replaced."""
    begin, end = BEGIN.format(name), END.format(name)
    head, _, rest = text.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise SystemExit(f"the marks of {name!r} are missing")
    return f"{head}{begin}\n{content}\n{end}{tail}"


def main() -> None:
    write = sys.argv[1:] == ["--write"]
    stale = []
    for page, sections in PAGES.items():
        path = ROOT / page
        old = new = path.read_text()
        for name, content in sections.items():
            new = renewed(new, name, content())
        if new != old:
            stale.append(page)
            if write:
                path.write_text(new)
    if stale and not write:
        raise SystemExit(f"stale: {', '.join(stale)}; type: make docs")


if __name__ == "__main__":
    main()
