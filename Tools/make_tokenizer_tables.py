#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables that follow Hugging Face's tokenizers library, by asking it about every Unicode scalar.

    make_tokenizer_tables.py [--check]

Needs the packages tokenizers and regex beside those of make_text_tables.py. With --check it fails when a table that is
there and the packages differ, and passes where the packages are missing.
"""

import argparse
import string
import sys
import unicodedata
from importlib.metadata import version

try:
    import regex
    from tokenizers import Regex, normalizers, pre_tokenizers
except ImportError as missing:
    print(f"the tokenizer tables are not checked: {missing}", file=sys.stderr)
    sys.exit(0 if "--check" in sys.argv else 1)

from make_text_tables import FOLDER, REGEX, SCALARS, UNICODE, constant, mapping, packed, swift, table

TOKENIZERS = f"tokenizers {version('tokenizers')}"
WORDS = r"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BREAKS = ["CR", "LF", "Control", "Extend", "ZWJ", "Regional_Indicator", "Prepend", "SpacingMark", "L", "V", "T"]


def is_decomposed(scalar):
    return unicodedata.normalize("NFD", chr(scalar)) == chr(scalar)


def library_classes():
    """White space, controls, marks and punctuation as the normalizers see them; word classes as the pattern sees them."""
    strip, marks_of_all_kinds = normalizers.Strip(), normalizers.StripAccents()
    clean = normalizers.BertNormalizer(True, False, False, False)
    accents = normalizers.BertNormalizer(False, False, True, False)
    bert = pre_tokenizers.BertPreTokenizer()
    words = pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True)

    def word_class(char):
        if not words.pre_tokenize_str(char):
            return 3
        if len(words.pre_tokenize_str("a" + char)) == 1:
            return 1
        return 0 if len(words.pre_tokenize_str("!" + char)) == 1 else 2

    def value(scalar):
        char = chr(scalar)
        is_space = strip.normalize_str(char) == ""
        flags = int(is_space) + 2 * int(clean.normalize_str(char) == "")
        flags += 4 * int(is_decomposed(scalar) and accents.normalize_str(char) == "")
        flags += 8 * int(not is_space and len(bert.pre_tokenize_str(f"a{char}a")) == 3)
        flags += 64 * int(marks_of_all_kinds.normalize_str(char) == "")
        return flags + 16 * word_class(char)

    lower, compose = normalizers.Lowercase(), normalizers.NFD()
    letters = [(s, lower.normalize_str(chr(s))) for s in SCALARS if lower.normalize_str(chr(s)) != chr(s).lower()]
    if any(len(small) != 1 for _, small in letters):
        raise SystemExit("a letter becomes several")
    # A mark of class 1 stays behind one of class 0, and goes before any of a larger class.
    def is_sorted(scalar):
        return compose.normalize_str(f"a{chr(scalar)}\u0334") == f"a\u0334{chr(scalar)}"
    whole = [s for s in SCALARS if is_decomposed(s) and s != 0x334]
    marks = {s for s in whole if unicodedata.combining(chr(s)) > 1 and not is_sorted(s)}
    if any(unicodedata.combining(chr(s)) < 2 and is_sorted(s) for s in whole):
        raise SystemExit("the library knows marks that Python does not know")
    later = {s for s in SCALARS if compose.normalize_str(chr(s)) != unicodedata.normalize("NFD", chr(s))}
    return swift("ScalarTable", f"{TOKENIZERS}, which has several Unicode versions", [
        constant("How the library sees a scalar: 1 white space, 2 removed as a control, 4 mark without width, 8 "
                 "punctuation; 16 letter, 32 number, 48 neither these nor a symbol; 64 mark of any kind.",
                 "libraryClasses", "ScalarTable", table(value)),
        constant("1 for scalars whose combining class or decomposition the library does not know.", "laterMarks",
                 "ScalarTable", table(lambda s: int(s in marks or s in later))),
        constant("Small letters that Python does not know: the capital, then the small letter.", "laterLetters",
                 "ScalarReplacements", packed(mapping(letters))),
    ])


def categories():
    """Categories as the BERT tokenizer written in Python asks for them."""
    def value(scalar):
        category = unicodedata.category(chr(scalar))
        is_punctuation = category[0] == "P" or chr(scalar) in string.punctuation
        return (int(category in ("Cc", "Cf")) + 2 * int(category == "Zs") + 4 * int(category == "Mn")
                + 8 * int(is_punctuation) + 16 * int(category in ("Cn", "Co", "Cs")))
    return swift("ScalarTable", UNICODE, [constant(
        "Categories of scalars: 1 control, 2 space, 4 mark without width, 8 punctuation or ASCII sign, 16 private or not "
        "assigned.", "pythonCategories", "ScalarTable", table(value))])


def grapheme_breaks():
    """What decides where one user-perceived character ends (UAX #29), without Hangul syllables."""
    text = "".join(map(chr, SCALARS))

    def members(pattern):
        return {ord(match.group()) for match in regex.finditer(pattern, text)}
    breaks = {s: number for number, name in enumerate(BREAKS, 1) for s in members(rf"\p{{GCB={name}}}")}
    pictures = members(r"\p{Extended_Pictographic}")
    conjuncts = {s: number for number, name in enumerate(["Consonant", "Extend", "Linker"], 1)
                 for s in members(rf"\p{{InCB={name}}}")}
    return swift("ScalarTable", REGEX, [constant(
        "Grapheme breaks: 1 CR, 2 LF, 3 control, 4 extend, 5 joiner, 6 regional indicator, 7 prepend, 8 spacing mark, "
        "9 to 11 Hangul L, V and T; 16 pictograph; 32, 64 and 96 Indic consonant, extend and linker.",
        "graphemeBreaks", "ScalarTable",
        table(lambda s: breaks.get(s, 0) + 16 * int(s in pictures) + 32 * conjuncts.get(s, 0)))])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="compare with the files that are there")
    check = arguments.parse_args().check
    files = {
        "LibraryClasses+Generated.swift": library_classes(),
        "PythonCategories+Generated.swift": categories(),
        "GraphemeBreaks+Generated.swift": grapheme_breaks(),
    }
    differing = []
    for name, content in files.items():
        if check:
            if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != content:
                differing.append(name)
        else:
            (FOLDER / name).write_text(content, encoding="utf-8")
    if differing:
        raise SystemExit(f"not what {TOKENIZERS} and {REGEX} give: " + ", ".join(differing))


if __name__ == "__main__":
    main()
