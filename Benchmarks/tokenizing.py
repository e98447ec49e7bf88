#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokenizing 100,000 captions, against the original Python tokenizers and Hugging Face's tokenizers in the same run.

    Benchmarks/tokenizing.py --ingot .build/release/ingot [--count 100000] [--runs 3]

Needs clip-anytorch, open_clip_torch, transformers, tokenizers and numpy. The captions are made of words of CLIP's vocabulary
(Fixtures/tokenizer/strings.py). Times are of tokenization alone, without reading vocabularies: `seconds` of `ingot tokenize --json`, the
call of the tokenizer in Python, `encode_batch` of tokenizers with all its threads. Ingot's rows are written to a file and compared with those
of the others. Commands run in turn; the ratio is of medians. The result goes to Benchmarks/results/tokenize.md and .json.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Python has a module of this file's name, which must be found first.
sys.path = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != ROOT / "Benchmarks"]

import numpy  # noqa: E402

FIXTURES = ROOT / "Fixtures" / "tokenizer"
sys.path.insert(0, str(FIXTURES))


def ingot_rows(ingot, model, texts, context, folder, *options):
    """Seconds of tokenization, seconds of the whole process, and the rows."""
    output = folder / "rows.npy"
    output.unlink(missing_ok=True)
    start = time.perf_counter()
    command = [ingot, "tokenize", model, "--texts", texts, "--context-length", context, "--truncate", "--output", output, "--json", *options]
    result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True)
    return json.loads(result.stdout)["seconds"], time.perf_counter() - start, numpy.load(output)


def timed(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def compare(name, peer, ingot, runs, rows):
    """Runs both in turn and says how much faster the second is."""
    peers, own, whole = [], [], []
    for _ in range(runs):
        seconds, expected = timed(peer)
        peers.append(seconds)
        seconds, total, found = ingot()
        own.append(seconds)
        whole.append(total)
        if not numpy.array_equal(numpy.asarray(rows(expected), dtype=numpy.int32), found):
            sys.exit(f"{name}: the rows differ")
    row = {"peer seconds": statistics.median(peers), "seconds": statistics.median(own), "process seconds": statistics.median(whole)}
    row["times as fast"] = row["peer seconds"] / row["seconds"]
    row["times as fast, whole process"] = row["peer seconds"] / row["process seconds"]
    print(f"{name}: {row['peer seconds']:.2f} s, Ingot {row['seconds']:.3f} s: {row['times as fast']:.1f} times as fast", flush=True)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", help="the comparisons whose names hold this; the others stay as they are written")
    options = parser.parse_args()
    import clip
    import open_clip.tokenizer
    from strings import captions
    from tokenizers import Tokenizer
    from transformers import CLIPTokenizer
    texts = captions(options.count, 7)
    out = ROOT / "Benchmarks" / "results"
    results = json.loads((out / "tokenize.json").read_text())["rows"] if options.only and (out / "tokenize.json").exists() else {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "texts.txt"
        path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        vocabulary = FIXTURES / "bpe_simple_vocab_16e6.txt.gz"
        simple = open_clip.tokenizer.SimpleTokenizer()
        # CLIP's vocabulary as transformers keeps it.
        marks = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
        CLIPTokenizer({marks.get(token, token): id for token, id in simple.encoder.items()}, list(simple.bpe_ranks)).save_pretrained(folder / "clip")

        def add(label, peer, model, context, rows=lambda found: found, runs=options.runs, arguments=()):
            if options.only and options.only not in label:
                return
            results[label] = compare(label, peer, lambda: ingot_rows(options.ingot, model, path, context, folder, *arguments), runs, rows)

        def library(model, context, pad):
            tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
            tokenizer.enable_truncation(context)
            tokenizer.enable_padding(length=context, pad_id=pad, pad_token="?")
            return lambda: tokenizer.encode_batch(texts)

        def ids(found):
            return [encoding.ids for encoding in found]
        add("open_clip SimpleTokenizer", lambda: open_clip.tokenizer.SimpleTokenizer()(texts), vocabulary, 77, runs=1,
            arguments=("--library", "open-clip"))
        add("OpenAI clip.tokenize", lambda: clip.tokenize(texts, truncate=True), vocabulary, 77, runs=1)
        add("tokenizers, CLIP", library(folder / "clip", 77, 49407), folder / "clip", 77, ids)
        kinds = FIXTURES / "kinds"
        add("tokenizers, unigram (T5, SigLIP)", library(kinds / "t5", 64, 1), kinds / "t5", 64, ids)
        add("tokenizers, pairs of scalars (Gemma, SigLIP 2)", library(kinds / "gemma", 64, 0), kinds / "gemma", 64, ids)
        add("tokenizers, word pieces (BERT)", library(kinds / "bert-cased", 52, 0), kinds / "bert-cased", 52, lambda found: [
            [0] * (52 - sum(encoding.attention_mask)) + [id for id, used in zip(encoding.ids, encoding.attention_mask) if used] for encoding in found])
    machine = f"{platform.machine()}, {os.cpu_count()} processors"
    document = {"machine": machine, "texts": options.count, "scalars": sum(map(len, texts)), "runs": options.runs, "rows": results}
    table = [f"# Tokenizing {options.count:,} captions", "",
             f"{machine}. Written by `Benchmarks/tokenizing.py`; the rows of both are the same. The tokenizers in Python run once.", "",
             "| against | its time | Ingot | times as fast | whole process, with reading the vocabulary and writing the rows |", "|---|---|---|---|---|"]
    table += [f"| {label} | {row['peer seconds']:.2f} s | {row['seconds']:.2f} s | {row['times as fast']:.1f} | {row['process seconds']:.2f} s |"
              for label, row in results.items()]
    (out / "tokenize.json").write_text(json.dumps(document, indent=2) + "\n")
    (out / "tokenize.md").write_text("\n".join(table) + "\n")


if __name__ == "__main__":
    main()
