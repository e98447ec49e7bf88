#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes Sources/IngotEvaluation/Results/PaperResults+Generated.swift of Formats/paper.md.

    make_paper_tables.py           writes the file
    make_paper_tables.py --check   exits 1 when it would change
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "Formats" / "paper.md"
OUTPUT = ROOT / "Sources" / "IngotEvaluation" / "Results" / "PaperResults+Generated.swift"


def table(page, title):
    """The rows of the table under a heading, as dictionaries."""
    text = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)[1]
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    header, rows = lines[0], lines[2:]
    for row in rows:
        if len(row) != len(header):
            sys.exit(f"{PAGE.name}: {title}: {row} has {len(row)} cells, expected {len(header)}")
    return [dict(zip(header, row)) for row in rows]


def scores(row, leave):
    pairs = [f'"{name}": {value}' for name, value in row.items() if name not in leave and value]
    return "[" + ", ".join(pairs) + "]" if pairs else "[:]"


def main():
    page = PAGE.read_text()
    zero_shot = {row["dataset"]: row for row in table(page, "Zero-shot")}
    probe = {row["dataset"]: row for row in table(page, "Linear probe")}
    again = {row["dataset"]: row for row in table(page, "Evaluated again")}
    lines = [
        "// SPDX-License-Identifier: Apache-2.0", "//", "// Made by Tools/make_paper_tables.py of Formats/paper.md.", "",
        "extension PaperResults {", "  static let table: [PaperDataset] = [",
    ]
    for row in table(page, "Datasets"):
        name = row["dataset"]
        other = again.get(name)
        lines += [
            "    PaperDataset(",
            f'      name: "{name}", title: "{row["title"]}", metric: "{row["metric"]}", classes: {row["classes"]},',
            f'      deltaToSupervised: {row["Figure 5"]}, shotsToMatch: {row["Figure 7"] or "nil"},',
            f'      zeroShot: {scores(zero_shot[name], {"dataset"})},',
            f'      linearProbe: {scores(probe[name], {"dataset"})},',
        ]
        if other:
            lines.append(
                f'      again: PaperDataset.Again(testImages: {other["test images"]}, metric: "{other["metric"]}", '
                f'scores: {scores(other, {"dataset", "test images", "metric"})})),')
        else:
            lines.append("      again: nil),")
    lines += ["  ]", "", "  static let fewShotTable: [(shots: Int, scores: [String: Double])] = ["]
    for row in table(page, "Few-shot"):
        lines.append(f'    ({row["shots"]}, {scores(row, {"shots"})}),')
    lines += ["  ]", "}", ""]
    formatted = subprocess.run(
        ["swift", "format", "format", "--assume-filename", str(OUTPUT)], input="\n".join(lines), capture_output=True, text=True, check=True,
        cwd=ROOT)
    text = formatted.stdout
    if "--check" in sys.argv[1:]:
        if OUTPUT.read_text() != text:
            sys.exit(f"{OUTPUT.name} is not what {PAGE.name} says; run Tools/make_paper_tables.py")
        print(f"{OUTPUT.name} is up to date")
    else:
        OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
