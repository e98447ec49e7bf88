"""open_clip's models in small: built by its factory, filled, saved as its hub folders are, loaded again."""

from contextlib import contextmanager

import open_clip
import timm
import torch
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file

from common import (OPENAI, Filler, blocks, bundle, check_same, clip_outputs, empty, finish, made_pixels, made_texts)

PACKAGES = ("open_clip_torch", "timm", "torchvision")
START, END, VOCABULARY, CONTEXT, IMAGE = 298, 299, 300, 16, 24
VISION = {"image_size": IMAGE, "layers": 2, "width": 40, "head_width": 20, "mlp_ratio": 2.7, "patch_size": 6}
TEXT = {"context_length": CONTEXT, "vocab_size": VOCABULARY, "width": 24, "heads": 3, "layers": 2}


@contextmanager
def small_timm(**sizes):
    """Within it timm's models of any name are made with these sizes instead of their own; the rest stays."""
    original = timm.create_model
    timm.create_model = lambda name, **more: original(name, **{**more, **sizes})
    try:
        yield
    finally:
        timm.create_model = original


def created(config, preprocess):
    """A model of the configuration, by open_clip's factory."""
    open_clip.factory._MODEL_CONFIGS["fixture"] = config
    return open_clip.create_model("fixture", force_preprocess_cfg=preprocess).eval()


def run(model, inputs):
    image, text = model.encode_image(inputs["pixel_values"]), model.encode_text(inputs["input_ids"])
    return clip_outputs(image, text, model.logit_scale, model.logit_bias)


def hooks(model):
    visual = model.visual
    if hasattr(visual, "transformer"):
        vision = list(visual.transformer.resblocks)
    elif hasattr(visual, "layer1"):
        vision = [visual.layer1, visual.layer2, visual.layer3, visual.layer4]
    elif hasattr(visual.trunk, "blocks"):
        vision = list(visual.trunk.blocks)
    else:
        vision = list(visual.trunk.stages)
    text = getattr(model, "text", model)
    return {**blocks("vision", vision), **blocks("text", text.transformer.resblocks)}


def projections(model):
    names = ("visual.proj", "visual.head.proj.weight", "visual.head.mlp.fc2.weight", "visual.trunk.head.weight",
             "visual.trunk.head.fc.weight", "text_projection", "text_projection.weight", "text.text_projection",
             "text.text_projection.weight", "visual.attnpool.c_proj.weight")
    return {name for name, _ in model.named_parameters() if name in names}


def filled(model, seed, preprocess, image_bias, tokens, size=IMAGE):
    """Fills the model and centres the embeddings of both towers with the last bias of each that has effect."""
    filler = Filler(seed)
    small = ["visual.trunk.patch_embed.proj", "visual.trunk.pos_embed", "visual.trunk.cls_token"]
    if getattr(model, "text", model).ln_final.eps < 1e-5:
        small += ["text.token_embedding", "text.positional_embedding"]
    filler.fill(model, projections(model), small=small)
    pixels = made_pixels(12, size, seed + 100, preprocess)
    if any(isinstance(module, torch.nn.BatchNorm2d) for module in model.modules()):
        filler.calibrate_batch_norms(model, lambda double: double.encode_image(pixels.double()))
    if image_bias:
        filler.centre(model.get_parameter(image_bias), lambda: model.encode_image(pixels, normalize=False))
    text = getattr(model, "text", model)
    biased = isinstance(text.text_projection, torch.nn.Linear)
    filler.centre((text.text_projection if biased else text.ln_final).bias, lambda: model.encode_text(tokens(16, seed + 101), normalize=False))
    model.requires_grad_(False)
    return model


def clip_tokens(count, seed):
    """OpenAI's form: start, words, end (the largest id), zeros."""
    return made_texts(count, CONTEXT, seed, first=1, last=START, start=START, end=END)


def last_tokens(count, seed):
    """For a tower that takes the last place: words, then pads of id 1 to the full length."""
    return made_texts(count, CONTEXT, seed, first=2, last=END, pad=1)


def preprocessing(preprocess, size=IMAGE):
    return {"size": size, "mean": preprocess["mean"], "std": preprocess["std"],
            "interpolation": preprocess.get("interpolation", "bicubic"),
            "resize": preprocess.get("resize_mode", "shortest")}


def vit_facts(config, preprocess, custom=False):
    """What a converter must find out, from the configuration that open_clip was built with."""
    vision, text = config["vision_cfg"], config["text_cfg"]
    act = "quick-gelu" if config.get("quick_gelu") else "gelu"
    if isinstance(vision.get("layers"), list):
        image = {"kind": "modified-resnet", "activation": "relu", "layers": vision["layers"], "width": vision["width"],
                 "heads": vision["width"] * 32 // vision["head_width"], "epsilon": 1e-5, "pooling": "attention"}
    else:
        image = {"kind": "vit", "activation": act, "layers": vision["layers"], "width": vision["width"],
                 "heads": vision["width"] // vision["head_width"], "epsilon": 1e-5, "patch": vision["patch_size"],
                 "preNorm": not vision.get("no_ln_pre", False),
                 "pooling": {"tok": "class", "avg": "average"}[vision.get("pool_type", "tok")],
                 "normAfterPool": vision.get("final_ln_after_pool", False),
                 "layerScale": "ls_init_value" in vision}
    return {"family": "open-clip-custom-text" if custom else "open-clip", "embedding": config["embed_dim"],
            "vision": image, "text": text_facts(text, act),
            "similarity": "sigmoid" if "init_logit_bias" in config else "softmax",
            "preprocessing": preprocessing(preprocess, vision["image_size"])}


def text_facts(text, act="gelu"):
    return {"kind": "clip", "activation": "gelu-tanh" if text.get("act_kwargs") else act, "layers": text["layers"],
            "width": text["width"], "heads": text["heads"], "epsilon": text.get("norm_kwargs", {}).get("eps", 1e-5),
            "causal": not text.get("no_causal_mask", False), "pooling": text.get("pool_type", "argmax"),
            "projectionBias": text.get("proj_bias", False), "context": text["context_length"],
            "vocabulary": text["vocab_size"]}


def save(model, config, folder, containers):
    """As push_to_hf_hub writes a folder, without a tokenizer."""
    save_config_for_hf(model, folder / "open_clip_config.json", config)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    if "safetensors" in containers:
        save_file(weights, folder / "open_clip_model.safetensors")
    if "bin" in containers:
        torch.save(model.state_dict(), folder / "open_clip_pytorch_model.bin")


def loaded(folder):
    """What open_clip makes of a folder, as it does of a hub repository."""
    return open_clip.create_model(f"local-dir:{folder}").eval()


def inputs_of(preprocess, seed, tokens, size=IMAGE):
    return {"pixel_values": made_pixels(4 if size < 64 else 2, size, seed + 1, preprocess),
            "input_ids": tokens(5, seed + 2)}


def made(folder, config, seed, *, preprocess=OPENAI, containers=("safetensors",), tokens=clip_tokens,
         image_bias="visual.ln_post.bias", facts=None, size=IMAGE):
    """One folder: the model, its files, the check that open_clip loads them, the bundle and the records."""
    folder = empty(folder)
    model = filled(created(config, preprocess), seed, preprocess, image_bias, tokens, size)
    save(model, config, folder, containers)
    result = bundle(model, inputs_of(preprocess, seed, tokens, size), run, hooks)
    with torch.no_grad():
        again = run(loaded(folder), {key: result[key] for key in ("pixel_values", "input_ids")})
    check_same(folder.name, again, result)
    finish(folder, result, seed, PACKAGES, facts)
    return model


def timm_config(name, pool, projection, size=IMAGE, custom=True, **more):
    """A configuration of open_clip whose image tower is timm's."""
    vision = {"image_size": size, "timm_model_name": name, "timm_model_pretrained": False, "timm_pool": pool,
              "timm_proj": projection}
    return {"embed_dim": 20, "vision_cfg": vision, "text_cfg": {**TEXT, **more.pop("text", {})},
            **({"custom_text": True} if custom else {}), **more}


def timm_facts(family, config, vision, preprocess):
    return {"family": family, "embedding": config["embed_dim"], "vision": vision,
            "text": text_facts(config["text_cfg"]), "similarity": "softmax",
            "preprocessing": preprocessing(preprocess, config["vision_cfg"]["image_size"])}
