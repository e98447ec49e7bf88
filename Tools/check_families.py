#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds README's table of families against the program's own.

    Tools/check_families.py INGOT            exit 1 when they differ, or a fixture is missing
    Tools/check_families.py INGOT --write    write the table into README.md
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- families: written by Tools/check_families.py -->\n", "<!-- end of families -->\n"


def run(*arguments):
    return subprocess.run([sys.argv[1], "families", *arguments], check=True, capture_output=True, text=True).stdout


text = README.read_text()
before, rest = text.split(BEGIN)
found, after = rest.split(END)
expected = run("--markdown")
if "--write" in sys.argv:
    README.write_text(before + BEGIN + expected + END + after)
elif found != expected:
    sys.exit("README.md: the table of families differs from `ingot families --markdown`; Tools/check_families.py writes it")
for family in json.loads(run("--json")):
    for fixture in family["fixtures"]:
        if not any((ROOT / "Fixtures" / fixture).iterdir()):
            sys.exit(f"{family['name']}: Fixtures/{fixture} is empty")
    if family["isSupported"] and not family["fixtures"] and family["name"] != "tinyclip":
        sys.exit(f"{family['name']}: no fixture proves it")
