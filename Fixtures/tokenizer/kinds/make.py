#!/usr/bin/env python3
"""Makes the files of this folder with the libraries that tokenizers come from.

    make.py models        vocabularies, trained on made texts (sentencepiece, tokenizers, transformers)
    make.py models-slow   what transformers 4 makes of two of them
    make.py golden        the texts, and what the libraries of today make of them (transformers 5, open_clip, cn_clip, clip)
    make.py slow          what the tokenizers written in Python make of them (transformers 4.57)
    ... FOLDER            also all ids and rows of each kind, to look at differences

    texts.json.gz         the texts
    GOLDEN/KIND.json.gz   for each block of texts the beginning of the SHA-256 of their ids and rows; for some texts both in full
    versions*.json        tools, SHA-256

The digest of a block is over 32-bit little-endian integers: for each text the number of ids, the ids, and the row.
"""

import gzip
import hashlib
import json
import platform
import struct
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent
BLOCK = 20
SHOWN = 64
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def write_gzip(path, value):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8"), 9, mtime=0))


def read_texts():
    return json.loads(gzip.decompress((HERE / "texts.json.gz").read_bytes()))


def versions(name, packages):
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            pass
    files = sorted(path for path in HERE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc") and not path.name.startswith("versions"))
    found["sha256"] = {str(path.relative_to(HERE)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (HERE / name).write_text(json.dumps(found, indent=1) + "\n")


# Vocabularies

def train_sentencepiece(folder, **options):
    import sentencepiece
    from texts import corpus
    (HERE / folder).mkdir(exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_prefix=str(HERE / folder / "spiece"), num_threads=1, minloglevel=2, bos_id=-1,
        max_sentence_length=100000, **options)
    (HERE / folder / "spiece.vocab").unlink()
    without_paths(HERE / folder / "spiece.model")


def without_paths(path):
    """The trainer notes where it was run; the same model on another machine would be another file."""
    from sentencepiece import sentencepiece_model_pb2
    model = sentencepiece_model_pb2.ModelProto.FromString(path.read_bytes())
    model.trainer_spec.model_prefix = "spiece"
    if model.normalizer_spec.normalization_rule_tsv:
        model.normalizer_spec.normalization_rule_tsv = "rules.tsv"
    path.write_bytes(model.SerializeToString())


def write_rules(path):
    """A small set of rules: compositions, decompositions, what goes, and entries that begin others."""
    import unicodedata
    rules = {chr(s): " " for s in [9, 10, 13, 0xA0, 0x2003, 0x3000]}
    rules |= {"\x01": "", "\u200b": "", "\u00ad": "", "™": "TM", "ﬁ": "fi", "½": "1/2", "a\u0300b": "@", "\r\n": " ", "Σ": "σ", "\u0e33": "\u0e4d\u0e32"}
    for base in "aeiouAEIOUcnszCNSZ":
        for mark in "\u0300\u0301\u0308\u0323\u030c\u0327":
            composed = unicodedata.normalize("NFC", base + mark)
            if len(composed) == 1:
                rules[base + mark] = composed
                rules[composed + "\u0301"] = composed.lower()
    rules |= {chr(s): unicodedata.normalize("NFKC", chr(s)) for s in [*range(0xFF01, 0xFF5F), *range(0x2460, 0x2474)]}
    codes = [(" ".join(f"{ord(c):X}" for c in key), " ".join(f"{ord(c):X}" for c in value)) for key, value in rules.items()]
    path.write_text("".join(f"{key}\t{value}\n" for key, value in codes))


def write_config(folder, **values):
    (HERE / folder / "tokenizer_config.json").write_text(json.dumps(values, indent=1) + "\n")


def models():
    from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers import models as kinds
    from tokenizers import trainers
    from transformers import CLIPTokenizer, SiglipTokenizer
    from texts import corpus
    t5 = dict(pad_id=0, eos_id=1, unk_id=2)
    train_sentencepiece("siglip", vocab_size=2000, normalization_rule_name="nmt_nfkc", character_coverage=0.98, **t5)
    rules = HERE / "rules.tsv"
    write_rules(rules)
    train_sentencepiece("siglip-bytes", vocab_size=1500, normalization_rule_tsv=str(rules), byte_fallback=True,
                        character_coverage=0.98, user_defined_symbols=["@user", "日本", "cat"], unk_id=0, eos_id=1, pad_id=2)
    rules.unlink()
    train_sentencepiece("siglip-identity", vocab_size=1200, normalization_rule_name="identity", add_dummy_prefix=False,
                        remove_extra_whitespaces=False, treat_whitespace_as_suffix=False, character_coverage=0.98, **t5)
    for folder in ("siglip", "siglip-bytes", "siglip-identity"):
        SiglipTokenizer(str(HERE / folder / "spiece.model")).save_pretrained(HERE / folder / "saved")
        saved = HERE / folder / "saved"
        (HERE / folder / "tokenizer_config.json").write_bytes((saved / "tokenizer_config.json").read_bytes())
        for path in saved.iterdir():
            path.unlink()
        saved.rmdir()

    # Gemma: byte pairs of scalars with the bytes for the unknown, trained on texts whose spaces are marks.
    gemma = Tokenizer(kinds.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    lines = [line.lower().replace(" ", "▁") for line in corpus()]
    trainer = trainers.BpeTrainer(vocab_size=2600, special_tokens=[*special, *BYTES], show_progress=False, limit_alphabet=500)
    gemma.train_from_iterator(lines, trainer)
    value = json.loads(gemma.to_str())
    value["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    value["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    ids = value["model"]["vocab"]
    value["added_tokens"] = [
        {"id": ids[token], "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for token in special]
    value["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<eos>": {"id": "<eos>", "ids": [ids["<eos>"]], "tokens": ["<eos>"]}}}
    gemma = Tokenizer.from_str(json.dumps(value))
    gemma.add_tokens([AddedToken(token, normalized=False) for token in ("\n\n", "\n\n\n", "<table>", "</table>", "▁▁", "▁▁▁▁")])
    gemma.add_tokens([AddedToken("photo", normalized=True)])
    (HERE / "gemma").mkdir(exist_ok=True)
    gemma.save(str(HERE / "gemma" / "tokenizer.json"), pretty=False)
    write_config("gemma", tokenizer_class="GemmaTokenizer", pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>",
                 padding_side="right", add_bos_token=False, add_eos_token=True)

    # BERT: word pieces.
    bert = Tokenizer(kinds.WordPiece(unk_token="[UNK]"))
    bert.normalizer = normalizers.BertNormalizer()
    bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    bert.train_from_iterator(corpus(), trainers.WordPieceTrainer(
        vocab_size=3000, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False, limit_alphabet=900))
    (HERE / "bert").mkdir(exist_ok=True)
    tokens = sorted(bert.get_vocab().items(), key=lambda item: item[1])
    (HERE / "bert" / "vocab.txt").write_text("".join(token + "\n" for token, _ in tokens), encoding="utf-8")
    write_config("bert", tokenizer_class="BertTokenizer", do_lower_case=True)
    (HERE / "bert" / "config.json").write_text('{"model_type": "chinese_clip"}\n')
    (HERE / "bert-cased").mkdir(exist_ok=True)
    cased = Tokenizer(kinds.WordPiece({token: index for token, index in tokens}, unk_token="[UNK]"))
    cased.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False, handle_chinese_chars=False)
    cased.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    cased.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    cased.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    cased.enable_padding(direction="left", pad_id=0, pad_token="[PAD]", length=30)
    cased.save(str(HERE / "bert-cased" / "tokenizer.json"), pretty=False)

    # CLIP as transformers writes it, from the small vocabulary, whose ids are shuffled.
    small = HERE.parent / "small"
    clip = CLIPTokenizer.from_pretrained(small)
    clip.save_pretrained(HERE / "clip")
    for name in ("vocab.json", "merges.txt"):
        (HERE / "clip" / name).unlink(missing_ok=True)
    padded = json.loads((HERE / "clip" / "tokenizer_config.json").read_text())
    (HERE / "clip-exclamation").mkdir(exist_ok=True)
    padded["pad_token"] = "!"
    (HERE / "clip-exclamation" / "tokenizer_config.json").write_text(json.dumps(padded, indent=1) + "\n")
    for name in ("vocab.json", "merges.txt"):
        (HERE / "clip-exclamation" / name).write_bytes((small / name).read_bytes())


def models_slow():
    """What transformers 4 makes of the SentencePiece model: `tokenizer.json` as it is published for SigLIP by timm."""
    from transformers import T5TokenizerFast
    (HERE / "t5").mkdir(exist_ok=True)
    fast = T5TokenizerFast(str(HERE / "siglip" / "spiece.model"), extra_ids=0, pad_token="</s>", legacy=False)
    value = json.loads(fast.backend_tokenizer.to_str())
    (HERE / "t5" / "tokenizer.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    write_config("t5", tokenizer_class="T5Tokenizer", pad_token="</s>", eos_token="</s>", unk_token="<unk>")
    fast = T5TokenizerFast(str(HERE / "siglip-bytes" / "spiece.model"), extra_ids=0, pad_token="<pad>", legacy=False)
    value = json.loads(fast.backend_tokenizer.to_str())
    special = dict(pad_token="<pad>", eos_token="</s>", unk_token="<unk>")

    def save(folder, tokenizer_class):
        (HERE / folder).mkdir(exist_ok=True)
        (HERE / folder / "tokenizer.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        write_config(folder, tokenizer_class=tokenizer_class, **special)
    value["model"]["byte_fallback"] = True
    save("t5-bytes", "T5Tokenizer")
    # Two years older, with the same vocabulary, and without the bytes.
    value["model"]["byte_fallback"] = False
    value["normalizer"] = next(part for part in value["normalizer"]["normalizers"] if part["type"] == "Precompiled")
    value["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}]}
    save("t5-old", "T5Tokenizer")
    # As converted for SigLIP: the cleaning is in the file.
    value["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Lowercase"},
        {"type": "Replace", "pattern": {"Regex": "[!\"#$%&'()*+,-./:;<=>?@\\[\\\\\\]^_`{|}~]"}, "content": ""},
        {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Strip", "strip_left": True, "strip_right": True},
        value["normalizer"]]}
    value["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": False}
    save("siglip-fast", "SiglipTokenizer")


# What the libraries answer

def transformers_rows(tokenizer, context):
    """A function of a text: ids without start and end, and a row."""
    def rows(text):
        ids = tokenizer(text, add_special_tokens=False).input_ids
        return ids, tokenizer(text, max_length=context, padding="max_length", truncation=True).input_ids
    return rows


def open_clip_rows(folder, context, **options):
    import open_clip.tokenizer
    wrapped = open_clip.tokenizer.HFTokenizer(str(HERE / folder), context_length=context, **options)

    def rows(text):
        return wrapped.tokenizer(wrapped.clean_fn(text), add_special_tokens=False).input_ids, wrapped(text)[0].tolist()
    return rows


def raw_rows(folder, context, clean=lambda text: text, pad=0, strip=None):
    """The library `tokenizers` by itself, with rows as transformers makes them."""
    from tokenizers import Tokenizer
    raw = Tokenizer.from_file(str(HERE / folder / "tokenizer.json"))
    direction = (raw.padding or {}).get("direction", "right")
    raw.no_padding()
    padded = Tokenizer.from_file(str(HERE / folder / "tokenizer.json"))
    padded.enable_truncation(context)
    padded.enable_padding(direction=direction, pad_id=pad, pad_token="?", length=context)

    def rows(text):
        text = clean(text)
        return raw.encode(text, add_special_tokens=False).ids, [0 if id == strip else id for id in padded.encode(text).ids]
    return rows


def golden_kinds():
    """The kinds that the libraries of today answer for: name, context, function."""
    import clip.clip
    import open_clip.tokenizer
    from cn_clip.clip import bert_tokenizer
    from transformers import BertTokenizer, CLIPTokenizer, Siglip2Tokenizer, SiglipTokenizer
    openai = clip.clip._tokenizer

    def openai_rows(text):
        return openai.encode(text), clip.tokenize(text, 77, truncate=True)[0].tolist()
    yield "openai", 77, openai_rows
    for clean in ("lower", "whitespace", "canonicalize"):
        simple = open_clip.tokenizer.SimpleTokenizer(clean=clean)
        yield f"open-clip-{clean}", 77, lambda text, simple=simple: (simple.encode(text), simple(text)[0].tolist())
    yield "clip", 77, transformers_rows(CLIPTokenizer.from_pretrained(HERE.parent / "small"), 77)
    yield "clip-exclamation", 40, transformers_rows(CLIPTokenizer.from_pretrained(HERE / "clip-exclamation"), 40)
    for folder in ("siglip", "siglip-bytes", "siglip-identity"):
        yield folder, 64, transformers_rows(SiglipTokenizer.from_pretrained(HERE / folder), 64)
    canonicalize = open_clip.tokenizer.get_clean_fn("canonicalize")
    yield "t5", 64, raw_rows("t5", 64, pad=1)
    yield "t5-open-clip", 64, raw_rows("t5", 64, canonicalize, pad=1)
    yield "t5-old-open-clip", 64, raw_rows("t5-old", 64, canonicalize, pad=2)
    yield "t5-bytes", 64, raw_rows("t5-bytes", 64, pad=2)
    yield "siglip-fast", 64, raw_rows("siglip-fast", 64, pad=2)
    yield "gemma", 64, raw_rows("gemma", 64)
    gemma = Siglip2Tokenizer.from_pretrained(HERE / "gemma", padding_side="right")
    yield "siglip2", 64, lambda text: (gemma(text, add_special_tokens=False).input_ids, gemma(
        text, max_length=64, padding="max_length", truncation=True).input_ids)
    yield "siglip2-open-clip", 64, raw_rows("gemma", 64, canonicalize)
    bert = BertTokenizer.from_pretrained(HERE / "bert")
    yield "bert", 52, transformers_rows(bert, 52)
    yield "bert-cased", 30, raw_rows("bert-cased", 30)
    whitespace = open_clip.tokenizer.get_clean_fn("whitespace")

    def clipa_rows(text):
        ids = bert(whitespace(text), max_length=32, padding="max_length", truncation=True).input_ids
        return bert(whitespace(text), add_special_tokens=False).input_ids, [0 if id == bert.sep_token_id else id for id in ids]
    yield "bert-open-clip", 32, clipa_rows
    chinese = bert_tokenizer.FullTokenizer(str(HERE / "bert" / "vocab.txt"))

    def chinese_rows(text):
        ids = chinese.convert_tokens_to_ids(chinese.tokenize(text))
        row = [chinese.vocab["[CLS]"], *ids[:50], chinese.vocab["[SEP]"]]
        return ids, row + [0] * (52 - len(row))
    yield "cn-clip", 52, chinese_rows


def slow_kinds():
    """The tokenizers written in Python: with ftfy, and without it."""
    import transformers.models.clip.tokenization_clip as module
    from transformers import CLIPTokenizer
    slow = CLIPTokenizer.from_pretrained(HERE.parent / "small")
    if slow.fix_text is None:
        raise SystemExit("ftfy is missing")
    yield "clip-slow", 77, transformers_rows(slow, 77)
    basic = CLIPTokenizer.from_pretrained(HERE.parent / "small")
    basic.fix_text = None
    basic.nlp = module.BasicTokenizer(strip_accents=False, do_split_on_punc=False)
    yield "clip-slow-without-ftfy", 77, transformers_rows(basic, 77)


def integers(ids, row):
    return struct.pack(f"<{1 + len(ids) + len(row)}i", len(ids), *ids, *row)


def golden(kinds, full=None):
    texts = read_texts()
    for name, context, rows in kinds:
        answers = [rows(text) for text in texts]
        if full:
            (Path(full) / f"{name}.json").write_text(json.dumps(answers))
        print(name, len(texts), sum(len(ids) for ids, _ in answers), flush=True)
        digests = [
            hashlib.sha256(b"".join(integers(*answer) for answer in answers[start:start + BLOCK])).hexdigest()[:12]
            for start in range(0, len(texts), BLOCK)]
        shown = {index: answers[index] for index in range(7, len(texts), len(texts) // SHOWN) if len(answers[index][0]) < 500}
        write_gzip(HERE / "golden" / f"{name}.json.gz", {
            "context": context, "block": BLOCK, "digests": digests,
            "shown": [{"text": index, "ids": ids, "row": row} for index, (ids, row) in shown.items()]})


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    packages = ["sentencepiece", "tokenizers", "transformers", "open_clip_torch", "clip-anytorch", "cn_clip", "ftfy", "regex", "torch"]
    full = sys.argv[2] if len(sys.argv) > 2 else None
    if command == "models":
        models()
    elif command == "models-slow":
        models_slow()
    elif command == "golden":
        from texts import texts
        write_gzip(HERE / "texts.json.gz", texts())
        golden(golden_kinds(), full)
        versions("versions.json", packages)
    elif command == "slow":
        golden(slow_kinds(), full)
        versions("versions-slow.json", packages)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
