"""Makes one folder of a tiny CLIP: both checkpoints, their golden bundles and `versions.json`."""

from pathlib import Path

import torch

from clip_checkpoint import (image_resolution, model_from_state_dict, read_state_dict, save_archive, save_state_dict,
                             write_versions)
from golden import golden_bundle, made_images, made_tokens, normalise, save_bundle, summary
from make_checkpoint import made_model

BUNDLES = {"state_dict.pt": "golden.safetensors", "archive.pt": "golden-archive.safetensors"}


def make(folder, configuration, seed, images, texts):
    """Writes the four files of a fixture and their checksums. The golden figures are computed from the files."""
    torch.set_num_threads(1)
    folder = Path(folder)
    model = made_model(configuration, seed)
    save_state_dict(model, folder / "state_dict.pt")
    save_archive(model, folder / "archive.pt")
    for checkpoint, bundle_name in BUNDLES.items():
        model = model_from_state_dict(read_state_dict(folder / checkpoint))
        generator = torch.Generator().manual_seed(seed + 1)
        pixels = normalise(made_images(images, image_resolution(model), generator))
        tokens = made_tokens(texts, model.context_length, model.vocab_size, generator)
        bundle = golden_bundle(model, pixels, tokens)
        save_bundle(bundle, folder / bundle_name)
        print(f"{bundle_name}: {summary(bundle)}")
    write_versions(folder, seed, [*BUNDLES, *BUNDLES.values()], configuration=configuration)
