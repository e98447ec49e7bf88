# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks of `evaluate` leave behind: their figures as JSON, and a table of them beside it."""

import json
import os
import pathlib
import platform

RESULTS = pathlib.Path(__file__).resolve().parent / "results"


def add_option(parser, name):
    parser.add_argument("--output", type=pathlib.Path, default=RESULTS / f"{name}.json", help="figures as JSON; a table goes beside it")


def write(path, title, figures, head, rows, notes=()):
    """`figures` is what was measured; `head` and `rows` are the table's, and `notes` are paragraphs below it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")
    lines = [f"# {title}", "", f"{platform.machine()}, {os.cpu_count()} processors.", "", "| " + " | ".join(head) + " |",
             "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    for note in notes:
        lines += ["", note]
    path.with_suffix(".md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
