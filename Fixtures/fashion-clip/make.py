#!/usr/bin/env python3
"""Makes everything of this folder that follows from `bpe_vocab.txt.gz` and `state_dict.pt`.

    make_vocabulary.py     bpe_vocab.txt.gz, vocab.json, merges.txt
    train.py               state_dict.pt (about ten minutes)
    make.py                all other files: the half-precision archive, the golden bundles, the prompts, the captions,
                           the labels, ten sample images, and versions.json with PyTorch's zero-shot accuracies
"""

import json
import sys
from pathlib import Path

import torch
from clip.simple_tokenizer import SimpleTokenizer
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tools"))

import fashion_mnist
from captions import CLASSES, EXAMPLES, PROMPTS
from clip_checkpoint import model_from_state_dict, read_state_dict, save_archive, write_versions
from golden import embeddings, golden_bundle, save_bundle, summary
from zero_shot import accuracy, class_scores, prompt_tokens, tokenise
from train import CONTEXT, SEED

GOLDEN_IMAGES = 64
BUNDLES = {"state_dict.pt": "golden.safetensors", "archive.pt": "golden-archive.safetensors"}


def write_json(name, value):
    (HERE / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    torch.set_num_threads(1)
    names = [name for name, _ in CLASSES]
    write_json("prompts.json", {
        "classes": names,
        "phrases": [phrase for _, phrase in CLASSES],
        "templates": PROMPTS,
        "context_length": CONTEXT,
    })
    (HERE / "captions.txt").write_text("\n".join(EXAMPLES) + "\n", encoding="utf-8")

    save_archive(model_from_state_dict(read_state_dict(HERE / "state_dict.pt")), HERE / "archive.pt")
    images, labels = fashion_mnist.read("t10k")
    pixels = fashion_mnist.pixel_values(images)
    captions = tokenise(EXAMPLES, SimpleTokenizer(str(HERE / "bpe_vocab.txt.gz")), CONTEXT)
    tokens, classes = prompt_tokens(HERE)
    figures, answers = {}, {}
    for checkpoint, bundle_name in BUNDLES.items():
        model = model_from_state_dict(read_state_dict(HERE / checkpoint))
        bundle = golden_bundle(model, pixels[:GOLDEN_IMAGES], captions, hidden=checkpoint == "archive.pt")
        save_bundle(bundle, HERE / bundle_name)
        print(f"{bundle_name}: {summary(bundle)}")
        image_embeds, text_embeds, _ = embeddings(model, pixels, tokens, batch=500)
        outputs = {"image_embeds": image_embeds, "text_embeds": text_embeds}
        figures[checkpoint] = accuracy(outputs, labels, classes)
        answers[checkpoint] = class_scores(outputs, classes).argmax(dim=1)
    print(json.dumps(figures))

    right = (answers["state_dict.pt"] == labels) & (answers["archive.pt"] == labels)
    samples = {name: int(((labels == label) & right).nonzero()[0]) for label, name in enumerate(names)}
    (HERE / "images").mkdir(exist_ok=True)
    sample_files = []
    for name, index in samples.items():
        sample_files.append(f"images/{name.replace(' ', '-')}.png")
        Image.fromarray(images[index].numpy()).save(HERE / sample_files[-1])
    write_json("labels.json", {
        "classes": names,
        "golden": labels[:GOLDEN_IMAGES].tolist(),
        "samples": {file: {"label": label, "test_image": index}
                    for label, (file, index) in enumerate(zip(sample_files, samples.values()))},
    })
    files = [*BUNDLES, *BUNDLES.values(), "bpe_vocab.txt.gz", "vocab.json", "merges.txt",
             "prompts.json", "captions.txt", "labels.json", *sample_files]
    write_versions(HERE, SEED, files, zero_shot=figures)


if __name__ == "__main__":
    main()
