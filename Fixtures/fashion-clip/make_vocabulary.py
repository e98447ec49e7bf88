#!/usr/bin/env python3
"""Trains the byte-pair vocabulary of this folder on its captions.

Writes it twice: `bpe_vocab.txt.gz` in the layout of OpenAI's `bpe_simple_vocab_16e6.txt.gz` (a header line, then one
merge a line, no newline at the end, because OpenAI's reader would take an empty last line for a merge), and
`vocab.json` with `merges.txt` as Hugging Face writes them. The tokens are 256 byte symbols, 256 that end a word, the
merges, and the start and end of a text.
"""

import gzip
import json
from collections import Counter
from pathlib import Path

from clip.simple_tokenizer import SimpleTokenizer, basic_clean, bytes_to_unicode, whitespace_clean

from captions import corpus

HERE = Path(__file__).resolve().parent
MERGES = 300
HEADER = "#version: 0.2"


def words_of(captions):
    """How often each word occurs, a word being a tuple of symbols, split as OpenAI's tokenizer does."""
    pattern, symbols = SimpleTokenizer().pat, bytes_to_unicode()
    counts = Counter()
    for text in captions:
        for token in pattern.findall(whitespace_clean(basic_clean(text)).lower()):
            letters = [symbols[byte] for byte in token.encode("utf-8")]
            counts[tuple(letters[:-1] + [letters[-1] + "</w>"])] += 1
    return counts


def joined(word, pair):
    """The word with every occurrence of the pair made one symbol."""
    result, index = [], 0
    while index < len(word):
        if word[index:index + 2] == pair:
            result.append("".join(pair))
            index += 2
        else:
            result.append(word[index])
            index += 1
    return tuple(result)


def train(counts, limit):
    """The most frequent pairs in the order in which they are merged; ties go to the first in the alphabet."""
    merges = []
    while len(merges) < limit:
        pairs = Counter()
        for word, count in counts.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        counts = Counter({joined(word, best): count for word, count in counts.items()})
    return merges


def main():
    merges = train(words_of(corpus(20000, seed=7)), MERGES)
    lines = [HEADER] + [" ".join(pair) for pair in merges]
    path = HERE / "bpe_vocab.txt.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), mtime=0))
    tokenizer = SimpleTokenizer(str(path))
    if len(tokenizer.encoder) != 512 + len(merges) + 2:
        raise SystemExit(f"{path.name}: OpenAI's tokenizer reads {len(tokenizer.encoder)} tokens of it")
    (HERE / "vocab.json").write_text(json.dumps(tokenizer.encoder, ensure_ascii=False), encoding="utf-8")
    (HERE / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(merges)} merges, {len(tokenizer.encoder)} tokens")


if __name__ == "__main__":
    main()
