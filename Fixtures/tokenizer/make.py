#!/usr/bin/env python3
"""Makes the files of this folder with OpenAI's tokenizer, from the clip-anytorch package.

    make.py                                    everything here
    make.py --count 100000 --seed 7 OUT.jsonl  as many other random texts, in the form of texts.jsonl
    make.py --captions 100000 OUT.jsonl        as many captions, and the time that the original took for them

    bpe_simple_vocab_16e6.txt.gz   as the package ships it; see LICENSE-CLIP
    texts.jsonl                    texts written by hand and random ones, with their ids
    rows.jsonl                     rows of a model's input, or how many tokens were too many
    long.json                      long texts: a unit repeated, the number of ids and their digest
    scalars.json                   digests of the ids of every scalar in context, and what class of word each belongs to
    small/                         the first merges in three forms, the ids of Hugging Face's form shuffled, and some ids
    versions.json                  tools, seed, SHA-256
"""

import argparse
import gzip
import hashlib
import json
import platform
import random
import shutil
import struct
import time
import unicodedata
from importlib.metadata import version
from pathlib import Path

import regex
from clip.clip import tokenize
from clip.simple_tokenizer import SimpleTokenizer, default_bpe

from strings import CAPTIONS, captions, hard_texts, long_texts, random_texts

HERE = Path(__file__).resolve().parent
SEED = 20210226
RANDOM_COUNT = 2500
SMALL_MERGES = 600
BLOCK = 1024


def digest(ids):
    """SHA-256 of ids as little-endian 32-bit integers."""
    return hashlib.sha256(struct.pack(f"<{len(ids)}i", *ids)).hexdigest()


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def rows(texts):
    """What `clip.tokenize` answers, for several context lengths."""
    for text in texts:
        for context in (77, 8, 2, 1):
            try:
                yield {"text": text, "context": context, "overflow": "refuse", "row": tokenize(text, context)[0].tolist()}
            except RuntimeError:
                yield {"text": text, "context": context, "overflow": "refuse"}
            yield {"text": text, "context": context, "overflow": "truncate",
                   "row": tokenize(text, context, truncate=True)[0].tolist()}


def scalar_lines(start):
    """A text with a line for each scalar of a block, so that each is repaired by itself."""
    scalars = [n for n in range(start, start + BLOCK) if not 0xD800 <= n <= 0xDFFF and n != 0x3C]
    return "\n".join(f"Aé{chr(n)}Σ {chr(n)}\u0301b" for n in scalars)


def word_classes():
    """Runs of scalars with the same class: [first, count, class]."""
    classes = {"letter": r"[\p{L}]", "number": r"[\p{N}]", "symbol": r"[^\s\p{L}\p{N}]", "space": r"\s"}
    text = "".join(chr(n) for n in range(0x110000) if not 0xD800 <= n <= 0xDFFF)
    found = {}
    for name, pattern in classes.items():
        for match in regex.compile(pattern, regex.IGNORECASE).finditer(text):
            found[ord(match.group())] = name
    runs = []
    for scalar in map(ord, text):
        name = found.get(scalar, "unmatched")
        if runs and runs[-1][2] == name and runs[-1][0] + runs[-1][1] == scalar:
            runs[-1][1] += 1
        else:
            runs.append([scalar, 1, name])
    return runs


def write_small(texts):
    """A vocabulary of few merges in each form."""
    folder = HERE / "small"
    folder.mkdir(exist_ok=True)
    lines = gzip.open(default_bpe()).read().decode("utf-8").split("\n")[1:SMALL_MERGES + 1]
    openai = "\n".join(["#version: 0.2", *lines])
    (folder / "bpe.txt").write_text(openai, encoding="utf-8")
    (folder / "bpe.txt.gz").write_bytes(gzip.compress(openai.encode("utf-8"), mtime=0))
    (folder / "merges.txt").write_text(openai + "\n", encoding="utf-8")
    tokenizer = SimpleTokenizer(str(folder / "bpe.txt.gz"))
    plain = [{"text": text, "ids": tokenizer.encode(text)} for text in texts]
    write_lines(folder / "openai.jsonl", plain)
    names, ids = list(tokenizer.encoder), list(range(len(tokenizer.encoder)))
    random.Random(SEED).shuffle(ids)
    tokenizer.encoder = dict(zip(names, ids))
    (folder / "vocab.json").write_text(json.dumps(tokenizer.encoder), encoding="utf-8")
    shuffled = [{"text": text, "ids": tokenizer.encode(text)} for text in texts]
    write_lines(folder / "huggingface.jsonl", shuffled)


def write_all():
    tokenizer = SimpleTokenizer()
    vocabulary = HERE / Path(default_bpe()).name
    shutil.copyfile(default_bpe(), vocabulary)
    texts = hard_texts() + random_texts(RANDOM_COUNT, SEED)
    write_lines(HERE / "texts.jsonl", ({"text": text, "ids": tokenizer.encode(text)} for text in texts))
    write_lines(HERE / "rows.jsonl", rows(["", " ", "a photo of a cat.", "hello world", "word " * 75, "word " * 76, "x" * 400]))
    long = []
    for unit, count in long_texts():
        ids = tokenizer.encode(unit * count)
        long.append({"unit": unit, "count": count, "ids": len(ids), "sha256": digest(ids)})
    (HERE / "long.json").write_text(json.dumps(long, indent=1) + "\n")
    blocks = [digest(tokenizer.encode(scalar_lines(start))) for start in range(0, 0x110000, BLOCK)]
    scalars = {"block": BLOCK, "sha256": blocks, "classes": word_classes()}
    (HERE / "scalars.json").write_text(json.dumps(scalars) + "\n")
    write_small(CAPTIONS + hard_texts()[::7])
    names = sorted(str(path.relative_to(HERE)) for path in HERE.rglob("*")
                   if path.suffix in (".jsonl", ".json", ".gz", ".txt") and path.name != "versions.json")
    record = {
        "python": platform.python_version(),
        "unicode": unicodedata.unidata_version,
        **{name: version(name) for name in ("clip-anytorch", "ftfy", "regex", "torch")},
        "seed": SEED,
        "sha256": {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in names},
    }
    (HERE / "versions.json").write_text(json.dumps(record, indent=2) + "\n")


def write_more(texts, path):
    """Writes texts with their ids, and says how long the original took."""
    tokenizer = SimpleTokenizer()
    start = time.perf_counter()
    ids = [tokenizer.encode(text) for text in texts]
    seconds = time.perf_counter() - start
    write_lines(Path(path), ({"text": text, "ids": row} for text, row in zip(texts, ids)))
    print(f"{len(texts)} texts, {sum(map(len, texts)) / len(texts):.0f} scalars each: {seconds:.2f} s")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, help="random texts to write")
    arguments.add_argument("--captions", type=int, help="captions to write")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("output", nargs="?")
    options = arguments.parse_args()
    if options.output is None:
        write_all()
    elif options.captions:
        write_more(captions(options.captions, options.seed), options.output)
    else:
        write_more(random_texts(options.count, options.seed), options.output)


if __name__ == "__main__":
    main()
