#!/usr/bin/env python3
"""Writes `sizes.json.gz`: the names and shapes of every tensor of the published models, without weights.

    sizes.py TINYCLIP LONGCLIP SIMCLR

The arguments are checkouts (see tinyclip/, long-clip/ and towers-alone/). Each model is built by its own library at
full size on PyTorch's `meta` device, so nothing is downloaded and no memory is taken. For each: `library`, `family`,
`parameters` (their count, buffers not counted), `image` (the count in the image tower alone), and `tensors` and
`buffers`, from name to shape, as in its state dict.
"""

import contextlib
import dataclasses
import gzip
import importlib.metadata
import io
import json
import sys
from pathlib import Path

import open_clip
import timm
import torch
import torchvision
import transformers
from clip.model import CLIP as OpenAI

FAMILIES = Path(__file__).resolve().parent
sys.path.insert(0, str(FAMILIES.parents[1] / "Tools"))
from clip_checkpoint import CONFIGURATIONS

SKIPPED = ("hf_model_name",)


def record(model, library, family, image=None):
    parameters = {name: list(value.shape) for name, value in model.named_parameters()}
    buffers = {name: list(value.shape) for name, value in model.state_dict().items() if name not in parameters}
    count = sum(value.numel() for value in model.parameters())
    tower = image(model) if image else None
    return {"library": f"{library} {importlib.metadata.version(library)}" if "@" not in library else library,
            "family": family, "parameters": count,
            "image": sum(value.numel() for value in tower.parameters()) if tower is not None else None,
            "tensors": parameters, "buffers": buffers}


def open_clip_models():
    for name in open_clip.list_models():
        config = open_clip.get_model_config(name)
        if any(key in config["text_cfg"] for key in SKIPPED):
            continue
        custom = config.pop("custom_text", False)
        kind = (open_clip.CoCa if "multimodal_cfg" in config
                else open_clip.CustomTextCLIP if custom else open_clip.CLIP)
        known = {field.name for field in dataclasses.fields(open_clip.CLIPTextCfg)}
        config["text_cfg"] = {key: value for key, value in config["text_cfg"].items() if key in known}
        try:
            model = kind(**config)
        except (RuntimeError, NotImplementedError) as fault:
            print(f"{name}: not built on the meta device: {fault}")
            continue
        yield f"open_clip/{name}", record(model, "open_clip_torch", "open-clip", lambda model: model.visual)


def openai_models():
    for name, arguments in CONFIGURATIONS.items():
        yield f"openai/{name}", record(OpenAI(*arguments), "clip-anytorch", "openai", lambda model: model.visual)


def clip(text, vision, embed):
    return transformers.CLIPConfig(projection_dim=embed, text_config={**text, "projection_dim": embed},
                                   vision_config={**vision, "projection_dim": embed})


def vit(width, layers, heads, patch, size=224, ratio=4.0):
    return {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads, "patch_size": patch,
            "image_size": size, "intermediate_size": int(width * ratio)}


def words(width, layers, heads, **more):
    return {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads,
            "intermediate_size": width * 4, **more}


HUGGING_FACE = {
    "clip-vit-base-patch32": ("CLIP", clip(words(512, 12, 8), vit(768, 12, 12, 32), 512)),
    "clip-vit-base-patch16": ("CLIP", clip(words(512, 12, 8), vit(768, 12, 12, 16), 512)),
    "clip-vit-large-patch14": ("CLIP", clip(words(768, 12, 12), vit(1024, 24, 16, 14), 768)),
    "clip-vit-large-patch14-336": ("CLIP", clip(words(768, 12, 12), vit(1024, 24, 16, 14, 336), 768)),
    "CLIP-ViT-H-14": ("CLIP", clip(words(1024, 24, 16), vit(1280, 32, 16, 14), 1024)),
    "CLIP-ViT-bigG-14": ("CLIP", clip(words(1280, 32, 20), vit(1664, 48, 16, 14, ratio=8192 / 1664), 1280)),
}


def so400m(**more):
    return {"hidden_size": 1152, "num_hidden_layers": 27, "num_attention_heads": 16, "intermediate_size": 4304, **more}


def siglip(kind, text, vision):
    return (kind, getattr(transformers, f"{kind}Config")(text_config=text, vision_config=vision))


HUGGING_FACE |= {
    "siglip-base-patch16-224": siglip("Siglip", {}, {}),
    "siglip-large-patch16-256": siglip("Siglip", words(1024, 24, 16), vit(1024, 24, 16, 16, 256)),
    "siglip-so400m-patch14-384": siglip("Siglip", so400m(), so400m(patch_size=14, image_size=384)),
    "siglip2-base-patch16-224": siglip("Siglip", {"vocab_size": 256000}, {}),
    "siglip2-base-patch16-naflex": siglip("Siglip2", {"vocab_size": 256000}, {}),
}


def chinese(text, vision, embed):
    return ("ChineseCLIP", transformers.ChineseCLIPConfig(
        projection_dim=embed, text_config={"vocab_size": 21128, **text}, vision_config={**vision,
                                                                                        "projection_dim": embed}))


HUGGING_FACE |= {
    "chinese-clip-vit-base-patch16": chinese(words(768, 12, 12), vit(768, 12, 12, 16), 512),
    "chinese-clip-vit-large-patch14": chinese(words(768, 12, 12), vit(1024, 24, 16, 14), 768),
    "chinese-clip-vit-large-patch14-336px": chinese(words(768, 12, 12), vit(1024, 24, 16, 14, 336), 768),
    "chinese-clip-vit-huge-patch14": chinese(words(1024, 24, 16), vit(1280, 32, 16, 14), 1024),
}


def hugging_face_models():
    for name, (kind, config) in HUGGING_FACE.items():
        model = getattr(transformers, f"{kind}Model")(config)
        yield f"huggingface/{name}", record(model, "transformers", f"huggingface-{kind.lower()}",
                                            lambda model: model.vision_model)


def chinese_originals():
    import cn_clip.clip as package
    from cn_clip.clip.utils import _MODEL_INFO
    from cn_clip.clip.model import CLIP
    folder = Path(package.__file__).parent / "model_configs"
    for name, info in _MODEL_INFO.items():
        settings = {}
        for part in info["struct"].split("@"):
            settings |= json.loads((folder / f"{part}.json").read_text())
        if isinstance(settings["vision_layers"], str):
            settings["vision_layers"] = [int(part) for part in settings["vision_layers"].strip("[]()").split(",")]
        yield f"cn_clip/{name}", record(CLIP(**settings), "cn_clip", "chinese-clip", lambda model: model.visual)


def checkouts(tiny, long, simclr):
    sys.path.insert(0, str(long / "model"))
    import model_longclip
    for name, arguments in (("longclip-B", (512, 224, 12, 768, 16, 248, 49408, 512, 8, 12)),
                            ("longclip-L", (768, 224, 24, 1024, 14, 248, 49408, 768, 12, 12))):
        model = model_longclip.CLIP(*arguments, load_from_clip=False)
        yield f"long-clip/{name}", record(model, "Long-CLIP@3966af9", "long-clip", lambda model: model.visual)
    sys.path.insert(0, str(simclr))
    import resnet
    for depth, width, ratio in ((50, 1, 0), (50, 1, 0.0625), (101, 1, 0), (152, 3, 0.0625)):
        model = resnet.get_resnet(depth, width, ratio)[0]
        yield (f"simclr/r{depth}_{width}x_sk{int(ratio > 0)}",
               record(model, "SimCLRv2-Pytorch@f4c2f41", "simclr-v2", lambda model: model.net))
    for name in [name for name in sys.modules if name.split(".")[0] == "open_clip"]:
        del sys.modules[name]
    sys.path.insert(0, str(tiny / "src"))
    from open_clip.model import CLIP
    for path in sorted((tiny / "src/open_clip/model_configs").glob("TinyCLIP*.json")):
        config = json.loads(path.read_text())
        if "auto" in path.stem:
            continue  # the sizes of these are in their weights alone
        yield f"tinyclip/{path.stem}", record(CLIP(**config), "TinyCLIP@ad981bf", "tinyclip",
                                              lambda model: model._image_encoder)


def towers():
    for name in ("resnet50", "resnet101", "resnet152"):
        yield f"torchvision/{name}", record(getattr(torchvision.models, name)(), "torchvision", "torchvision-resnet")
    for name in ("resnetv2_50x1_bit", "resnetv2_50x3_bit", "resnetv2_101x1_bit", "resnetv2_101x3_bit",
                 "resnetv2_152x2_bit", "resnetv2_152x4_bit"):
        model = timm.create_model(name, num_classes=21843)
        yield f"timm/{name}", record(model, "timm", "bit-resnet-v2")


def main(arguments):
    models = {}
    tiny, long, simclr = (Path(argument) for argument in arguments)
    with torch.device("meta"), contextlib.redirect_stderr(io.StringIO()):
        for source in (openai_models(), open_clip_models(), hugging_face_models(), chinese_originals(), towers(),
                       checkouts(tiny, long, simclr)):
            for name, entry in source:
                models[name] = entry
    text = json.dumps(models, separators=(",", ":")).encode()
    with open(FAMILIES / "sizes.json.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text)
    print(len(models), "models,", len(text), "bytes,", (FAMILIES / "sizes.json.gz").stat().st_size, "packed")
    for name, entry in models.items():
        print(f"{name} {entry['parameters']:,} {entry['image'] or 0:,} {len(entry['tensors'])}")


if __name__ == "__main__":
    main(sys.argv[1:])
