"""The texts of this folder: the same for the same versions of Python and clip-anytorch."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from strings import CAPTIONS, SAMPLES, captions, hard_texts, random_texts  # noqa: E402

SEED = 20221211
COUNT = 10240
MARKS = [
    "<|startoftext|>", "<|endoftext|>", "<|ENDOFTEXT|>", "<|EndOfText|>", "<start_of_text>", "<end_of_text>", "<END_OF_TEXT>",
    "<s>", "</s>", "<unk>", "<pad>", "<eos>", "<bos>", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "[sep]", "<table>", "</table>",
    "\n\n", "\n\n\n", "\t\t", "▁", "▁▁", "▁▁▁▁", "##", "##s", "<0x41>", "<0xE9>", "@user", "<extra_id_0>",
]
UNITS = ["a", "é", "日", "😀", "ab", "ab1", "x\u0301", "'s", "<", "0", "ß", "한", "_", "▁", "\u200d", "Σ", "<unk>", "</s>", "\u0903"]


def marked(generator):
    """Words with the marks of all tokenizers between them, with and without white space."""
    parts = []
    for _ in range(generator.randint(2, 8)):
        parts.append(generator.choice(MARKS if generator.random() < 0.45 else ["a", "cat", "Photo", "of", "日本", "é", "!", "x_y", "'s", "ΑΣ"]))
        parts.append(generator.choice(["", "", " ", "  ", "\u00a0", "\n", "\u2003", "\x1f"]))
    return "".join(parts)


def spaces(generator):
    """White space of all kinds, controls, and letters that only differ by them."""
    pool = ["a", "b", "é", "-", " ", "  ", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680",
            "\u180e", "\u2000", "\u2009", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\xad", "\u2060", "\0", "\ufffd",
            "\ue000", "\u0378", "\U000e0041", "\x7f", "\x01"]
    return "".join(generator.choice(pool) for _ in range(generator.randint(1, 12)))


def clusters(generator):
    """What makes one character of several scalars: marks, Hangul, flags, families, Indic conjuncts, prepended signs."""
    pool = ["e", "E", "\u0301", "\u0323", "\u0308", "\u1100", "\u1161", "\u11a8", "\uac00", "\uac01", "\u0915", "\u094d", "\u0937", "\u0903",
            "\u200d", "\u200c", "\ufe0f", "\U0001f468", "\U0001f469", "\U0001f1e9", "\U0001f1ea", "\u0600", "1", "\u0e01", "\u0e33", "\u0e48",
            "\u20e3", "#", "\r", "\n", "™", "ﬁ", "Ａ", "①", "ｶ", "ﾞ", "\u3099", "か", "Å", "ſ", "İ", "ı", "ǆ", "½", "\u0d4e", "\u11938", "\u0344"]
    return "".join(generator.choice(pool) for _ in range(generator.randint(1, 10)))


def texts():
    """All texts: by hand, captions, random ones, long words."""
    generator = random.Random(SEED)
    result = [*hard_texts(), *CAPTIONS, *SAMPLES]
    result += [marked(generator) for _ in range(700)]
    result += [spaces(generator) for _ in range(400)]
    result += [clusters(generator) for _ in range(700)]
    result += random_texts(3600, SEED)
    long = [(unit * 10000)[:10000] for unit in UNITS]
    result += captions(COUNT - len(result) - len(long), SEED) + long
    return [text.encode("utf-8", "replace").decode("utf-8") for text in result]


def corpus():
    """Lines to train vocabularies on."""
    generator = random.Random(SEED + 1)
    lines = captions(12000, SEED + 1) + 3 * [*hard_texts(), *CAPTIONS, *SAMPLES] + [clusters(generator) for _ in range(300)]
    lines += random_texts(600, SEED + 1)
    return [line for text in lines for line in text.split("\n") if line.strip() and "\0" not in line and "▁" not in line]
