#!/usr/bin/env python3
"""Trains the CLIP of this folder on Fashion-MNIST's training images and made captions; writes `state_dict.pt`.

Takes about ten minutes on one core. Images and captions are drawn together into one contrastive loss in both
directions, as CLIP's is; since there are only ten classes, every caption of an image's class counts as its partner.
The seed fixes the run on one machine; another processor may round otherwise and give other weights.
"""

import math
import random
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as functional
from clip.simple_tokenizer import SimpleTokenizer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tools"))

import fashion_mnist
from captions import CLASSES, caption
from clip_checkpoint import new_model, save_state_dict
from zero_shot import tokenise

SEED = 11
CONTEXT = 24
EPOCHS = 6
IMAGES, CAPTIONS = 125, 40  # of one step
LEARNING_RATE, WARM_UP, WEIGHT_DECAY = 1e-3, 200, 0.05


def augmented(images, generator):
    """Mirrored at random, and moved by up to two pixels."""
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    images = torch.where(mirrored.view(-1, 1, 1), images.flip(2), images)
    padded = functional.pad(images, (2, 2, 2, 2))
    down, right = (int(torch.randint(0, 5, (1,), generator=generator)) for _ in range(2))
    return padded[:, down:down + 28, right:right + 28]


def contrastive_loss(model, pixels, image_labels, tokens, caption_labels):
    """Cross entropy in both directions against the even distribution over partners of the same class."""
    image_embeds = functional.normalize(model.encode_image(pixels), dim=-1)
    text_embeds = functional.normalize(model.encode_text(tokens), dim=-1)
    logits = model.logit_scale.exp() * image_embeds @ text_embeds.t()
    partners = (image_labels.view(-1, 1) == caption_labels.view(1, -1)).float()
    by_image = functional.cross_entropy(logits, partners / partners.sum(dim=1, keepdim=True))
    by_text = functional.cross_entropy(logits.t(), (partners / partners.sum(dim=0)).t())
    return (by_image + by_text) / 2


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    source = random.Random(SEED)
    tokenizer = SimpleTokenizer(str(HERE / "bpe_vocab.txt.gz"))
    images, labels = fashion_mnist.read("train")
    labels = labels.long()

    # Embedding 96; image 28 in patches of 7 (17 tokens), 3 layers of width 128; text of width 64, 2 layers.
    model = new_model(96, 28, 3, 128, 7, CONTEXT, len(tokenizer.encoder), 64, 1, 2).train()
    decayed = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98))
    steps = EPOCHS * len(images) // IMAGES

    def factor(step):
        return min((step + 1) / WARM_UP, 0.5 * (1 + math.cos(math.pi * step / steps)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    caption_labels = torch.arange(CAPTIONS) % len(CLASSES)
    begun = time.monotonic()
    for epoch in range(EPOCHS):
        total = 0.0
        for chosen in torch.randperm(len(images), generator=generator).split(IMAGES):
            tokens = tokenise([caption(int(label), source) for label in caption_labels], tokenizer, CONTEXT)
            pixels = fashion_mnist.pixel_values(augmented(images[chosen], generator))
            loss = contrastive_loss(model, pixels, labels[chosen], tokens, caption_labels)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            model.logit_scale.data.clamp_(max=math.log(100))
            total += float(loss) * len(chosen)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}, {time.monotonic() - begun:.0f} s", flush=True)
    save_state_dict(model.eval(), HERE / "state_dict.pt")


if __name__ == "__main__":
    main()
