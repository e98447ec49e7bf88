#!/usr/bin/env python3
"""Zero-shot classification of Fashion-MNIST's 10,000 test images with the fashion fixture.

    zero_shot.py inputs -o INPUTS.safetensors     writes pixel_values [10000,3,28,28] and input_ids [classes*prompts,L]
    zero_shot.py score OUTPUTS.safetensors        prints the accuracy as JSON

Between the two runs `ingot logits MODEL --inputs INPUTS.safetensors -o OUTPUTS.safetensors`. The rows of `input_ids`
are ordered by class, then by prompt. A class's weight is the mean of its normalised text embeddings, normalised
again; when the outputs hold only `logits_per_image`, the mean of the class's logits takes its place.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from clip.simple_tokenizer import SimpleTokenizer
from safetensors.torch import load_file

import fashion_mnist
from golden import save_bundle

FIXTURE = Path(__file__).resolve().parents[1] / "Fixtures" / "fashion-clip"


def tokenise(texts, tokenizer, length):
    """Token rows [N,L]: start, words, end, zeros. A text that does not fit is an error."""
    start, end = tokenizer.encoder["<|startoftext|>"], tokenizer.encoder["<|endoftext|>"]
    rows = torch.zeros(len(texts), length, dtype=torch.int64)
    for row, text in zip(rows, texts):
        tokens = [start, *tokenizer.encode(text), end]
        if len(tokens) > length:
            raise ValueError(f"{text!r} has {len(tokens)} tokens, the context {length}")
        row[:len(tokens)] = torch.tensor(tokens)
    return rows


def prompts(fixture=FIXTURE):
    """Every prompt, by class and then by template, and the number of classes."""
    described = json.loads((fixture / "prompts.json").read_text())
    return [template.format(phrase) for phrase in described["phrases"] for template in described["templates"]], \
        len(described["phrases"])


def prompt_tokens(fixture=FIXTURE):
    """The token rows of the prompts, and the number of classes."""
    texts, classes = prompts(fixture)
    length = json.loads((fixture / "prompts.json").read_text())["context_length"]
    return tokenise(texts, SimpleTokenizer(str(fixture / "bpe_vocab.txt.gz")), length), classes


def class_scores(outputs, classes):
    """Scores [images, classes] from the embeddings, or from the logits alone."""
    if "image_embeds" in outputs and "text_embeds" in outputs:
        weights = outputs["text_embeds"].unflatten(0, (classes, -1)).mean(dim=1)
        return outputs["image_embeds"] @ (weights / weights.norm(dim=-1, keepdim=True)).t()
    if "logits_per_image" in outputs:
        return outputs["logits_per_image"].unflatten(1, (classes, -1)).mean(dim=2)
    sys.exit("zero_shot.py: the outputs hold neither image_embeds and text_embeds nor logits_per_image")


def accuracy(outputs, labels, classes):
    """How many images get their own class, counted and as a share."""
    scores = class_scores(outputs, classes)
    if len(scores) != len(labels):
        sys.exit(f"zero_shot.py: {len(scores)} images in the outputs, {len(labels)} labels")
    correct = int((scores.argmax(dim=1) == labels).sum())
    return {"images": len(labels), "correct": correct, "accuracy": correct / len(labels)}


def main():
    parser = argparse.ArgumentParser(description="Zero-shot classification of Fashion-MNIST.")
    parser.add_argument("--fixture", type=Path, default=FIXTURE)
    parser.add_argument("--data", type=Path, default=fashion_mnist.DEBIAN, help="folder of the idx files")
    modes = parser.add_subparsers(dest="mode", required=True)
    inputs = modes.add_parser("inputs", help="write the inputs of the model")
    inputs.add_argument("-o", "--output", type=Path, required=True)
    score = modes.add_parser("score", help="score the outputs of the model")
    score.add_argument("outputs", type=Path)
    arguments = parser.parse_args()
    images, labels = fashion_mnist.read("t10k", arguments.data)
    tokens, classes = prompt_tokens(arguments.fixture)
    if arguments.mode == "inputs":
        bundle = {"pixel_values": fashion_mnist.pixel_values(images), "input_ids": tokens}
        save_bundle(bundle, arguments.output)
    else:
        print(json.dumps(accuracy(load_file(arguments.outputs), labels, classes)))


if __name__ == "__main__":
    main()
