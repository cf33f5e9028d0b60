"""All benchmarks by name, in the order in which they run, and what becomes of their rows."""

import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpose_py.bench.about import sentence
from openpose_py.bench.claims import claims
from openpose_py.bench.decoder import decoder
from openpose_py.bench.drawing import drawing
from openpose_py.bench.memory import memory
from openpose_py.bench.networks import growth, networks
from openpose_py.bench.plots import write_plots
from openpose_py.bench.rows import Plan, Row
from openpose_py.bench.tables import as_markdown
from openpose_py.bench.whole_way import whole_way
from openpose_py.stages.maps.engines.torch_engine import limit_threads
from openpose_py.stages.writers.whole_file import output_folder, write_whole

SECTIONS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "decoder": decoder,
    "drawing": drawing,
    "networks": networks,
    "growth": growth,
    "claims": claims,
    "whole": whole_way,
    "memory": memory,
}
USUAL = ("decoder", "drawing", "networks", "growth", "claims", "whole")  # if none is named


def measured(names: Sequence[str], plan: Plan, quiet: bool) -> list[Row]:
    """The rows of these sections; each is told on stderr as it comes."""
    limit_threads(plan.threads)
    rows = []
    for name in names:
        for row in SECTIONS[name](plan):
            rows.append(row)
            if not quiet:
                told = f"{row.section}: {row.case}, {row.way}: {row.value:.4g} {row.unit}"
                print(told, file=sys.stderr, flush=True)
    return rows


def as_json(rows: Sequence[Row], facts: dict[str, Any]) -> bytes:
    table = {"about": facts, "rows": [row._asdict() for row in rows]}
    return (json.dumps(table, indent=1) + "\n").encode()


def save(rows: Sequence[Row], facts: dict[str, Any], folder: str, kind: str) -> list[Path]:
    """A JSON file, a page of tables and plots, named after date, processor and `kind`."""
    machine = re.sub(r"\W+", "_", f"{facts['processor']}_{facts['cores']}").strip("_").lower()
    base = output_folder(folder) / f"{facts['date']}_{machine}_{kind}"
    table, page = base.with_name(f"{base.name}.json"), base.with_name(f"{base.name}.md")
    write_whole(table, as_json(rows, facts))
    first = sentence(facts)
    if importlib.util.find_spec("matplotlib") is None:
        first += "\n\nNo plots: matplotlib is not installed."
    plots = write_plots(rows, base)
    pictures = "".join(f"\n![{path.stem}]({path.name})\n" for path in plots)
    write_whole(page, (as_markdown(rows, first) + pictures).encode())
    return [table, page, *plots]
