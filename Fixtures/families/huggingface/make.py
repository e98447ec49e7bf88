#!/usr/bin/env python3
"""Makes this folder: CLIP as Hugging Face's transformers write it.

`make.py torch` (transformers 5, PyTorch) writes every folder but `tf`, which `make.py tf` writes with transformers
4.57 and TensorFlow in an environment of its own: the weights of `quick-gelu` in `tf_model.h5`, and the
`config.json` that transformers 4 wrote.
"""

import os
import sys
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
VOCABULARY, CONTEXT, IMAGE = 300, 16, 24
START, LAST = 298, 299  # the largest id is the end in the old form
EARLY_END = 271  # an end that is not the largest id


def text_settings(**more):
    return {"vocab_size": VOCABULARY, "hidden_size": 24, "intermediate_size": 56, "num_hidden_layers": 2,
            "num_attention_heads": 3, "max_position_embeddings": CONTEXT, "projection_dim": 20, "bos_token_id": START,
            "pad_token_id": 1, **more}


def vision_settings(**more):
    return {"hidden_size": 40, "intermediate_size": 104, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": IMAGE, "patch_size": 6, "projection_dim": 20, **more}


def settings(act, end, epsilon=1e-5):
    return {"projection_dim": 20,
            "text_config": text_settings(hidden_act=act, eos_token_id=end, layer_norm_eps=epsilon),
            "vision_config": vision_settings(hidden_act=act, layer_norm_eps=epsilon)}


OLD = settings("quick_gelu", 2)  # as OpenAI's: eos_token_id 2 means the largest id
NEW = settings("gelu", EARLY_END, 2e-5)


def torch_main():
    import torch
    import transformers
    from safetensors.torch import load_file

    sys.path.insert(0, str(HERE.parent))
    from common import (OPENAI, Filler, blocks, bundle, check_same, empty, finish, made_pixels, made_texts, setup)

    packages = ("transformers", "huggingface_hub")

    def tokens(end):
        def old(count, seed):
            return made_texts(count, CONTEXT, seed, first=1, last=START, start=START, end=LAST)

        def new(count, seed):  # padded with the end, as Hugging Face's tokenizer does; words of larger ids occur
            rows = made_texts(count, CONTEXT, seed, first=EARLY_END + 1, last=START, start=START, end=EARLY_END,
                              pad=EARLY_END)
            rows[:, 1::3] = torch.where(rows[:, 1::3] == EARLY_END, rows[:, 1::3], rows[:, 1::3] - EARLY_END)
            return rows
        return old if end == 2 else new

    def run(model, inputs):
        output = model(**inputs)
        return {name: output[name] for name in ("image_embeds", "text_embeds", "logits_per_image")}

    def hooks(model):
        return {**blocks("vision", model.vision_model.encoder.layers),
                **blocks("text", model.text_model.encoder.layers)}

    def facts(values, towers=("vision", "text")):
        text, vision = values["text_config"], values["vision_config"]
        names = {"quick_gelu": "quick-gelu", "gelu": "gelu"}
        result = {"family": "huggingface-clip", "embedding": 20, "similarity": "softmax"}
        if "vision" in towers:
            result |= {"vision": {
                "kind": "vit", "activation": names[vision["hidden_act"]], "layers": 2, "width": 40, "heads": 2,
                "epsilon": vision["layer_norm_eps"], "patch": 6, "preNorm": True, "pooling": "class"},
                "preprocessing": {"size": IMAGE, **OPENAI, "interpolation": "bicubic", "resize": "shortest"}}
        if "text" in towers:
            result["text"] = {
                "kind": "clip", "activation": names[text["hidden_act"]], "layers": 2, "width": 24, "heads": 3,
                "epsilon": text["layer_norm_eps"], "causal": True,
                "pooling": "argmax" if text["eos_token_id"] == 2 else "eos", "eos": text["eos_token_id"],
                "context": CONTEXT, "vocabulary": VOCABULARY}
        if len(towers) == 1:
            del result["similarity"]
        return result

    def filled(values, seed):
        model = transformers.CLIPModel(transformers.CLIPConfig(**values)).eval()
        filler = Filler(seed)
        filler.fill(model, ("visual_projection.weight", "text_projection.weight"))
        pixels, ids = made_pixels(12, IMAGE, seed + 100, OPENAI), tokens(values["text_config"]["eos_token_id"])
        filler.centre(model.vision_model.post_layernorm.bias,
                      lambda: model.visual_projection(model.vision_model(pixels).pooler_output))
        texts = ids(16, seed + 101)
        filler.centre(model.text_model.final_layer_norm.bias,
                      lambda: model.text_projection(model.text_model(texts).pooler_output))
        return model.requires_grad_(False)

    def inputs_of(values, seed):
        return {"pixel_values": made_pixels(4, IMAGE, seed + 1, OPENAI),
                "input_ids": tokens(values["text_config"]["eos_token_id"])(5, seed + 2)}

    def processor(folder):
        size = {"height": IMAGE, "width": IMAGE}
        transformers.CLIPImageProcessor(size={"shortest_edge": IMAGE}, crop_size=size).save_pretrained(folder)

    def made(name, values, seed, half=False, **saving):
        folder = empty(HERE / name)
        model = filled(values, seed)
        if half:
            model = model.half()
        model.save_pretrained(folder, **saving)
        processor(folder)
        model = model.float()
        result = bundle(model, inputs_of(values, seed), run, hooks)
        again = transformers.CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
        with torch.no_grad():
            check_same(name, run(again, {key: result[key] for key in ("pixel_values", "input_ids")}), result)
        return folder, model, result

    setup()
    folder, model, result = made("quick-gelu", OLD, 31)
    state = dict(model.state_dict())
    state["text_model.embeddings.position_ids"] = torch.arange(CONTEXT).expand(1, -1)
    state["vision_model.embeddings.position_ids"] = torch.arange(17).expand(1, -1)
    torch.save(state, folder / "pytorch_model.bin")
    finish(folder, result, 31, packages, facts(OLD))
    numpy.savez(HERE / "tf-source.npz", **{name: value.numpy() for name, value in model.state_dict().items()})

    folder, model, result = made("gelu-eos", NEW, 32, max_shard_size="90KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 2
    finish(folder, result, 32, packages, facts(NEW))

    folder, _, result = made("float16", OLD, 33, half=True)
    kinds = {value.dtype for value in load_file(folder / "model.safetensors").values()}
    assert kinds == {torch.float16}, kinds
    finish(folder, result, 33, packages, facts(OLD))

    source = filled(NEW, 34)
    inputs = inputs_of(NEW, 34)
    for name, kind, key, values in (
            ("vision", transformers.CLIPVisionModelWithProjection, "image_embeds", {"pixel_values"}),
            ("text", transformers.CLIPTextModelWithProjection, "text_embeds", {"input_ids"})):
        folder = empty(HERE / name)
        model = kind(getattr(source.config, f"{name}_config")).eval()
        model.load_state_dict({key: value for key, value in source.state_dict().items() if key in model.state_dict()})
        model.save_pretrained(folder)
        if name == "vision":
            processor(folder)

        def half_run(model, given):
            features = model(**given)[key]
            return {key: torch.nn.functional.normalize(features, dim=-1), "features": features}

        def half_hooks(model):
            return blocks(name, getattr(model, f"{name}_model").encoder.layers)

        result = bundle(model, {key: value for key, value in inputs.items() if key in values}, half_run, half_hooks)
        finish(folder, result, 34, packages, facts(NEW, (name,)))


def tf_main():
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import importlib.metadata
    import json
    import hashlib
    import transformers

    folder = HERE / "tf"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    model = transformers.TFCLIPModel(transformers.CLIPConfig(**OLD))
    model(input_ids=numpy.array([[START, 1, LAST]]), pixel_values=numpy.zeros((1, 3, IMAGE, IMAGE), dtype="f4"))
    weights = dict(numpy.load(HERE / "tf-source.npz"))
    for variable in model.weights:  # transformers' own rules of names and layouts
        name, transpose = transformers.modeling_tf_pytorch_utils.convert_tf_weight_name_to_pt_weight_name(
            variable.name, tf_weight_shape=variable.shape, name_scope="")
        value = weights.pop(name.removeprefix("clip."))
        kind = transpose.value if hasattr(transpose, "value") else transpose
        if kind == "simple":
            value = value.T
        elif kind == "conv2d":
            value = value.transpose(2, 3, 1, 0)
        variable.assign(value.reshape(variable.shape))
    assert not weights, list(weights)
    golden = folder.parent / "quick-gelu" / "golden.safetensors"
    from safetensors.numpy import load_file
    values = load_file(golden)
    output = model(input_ids=values["input_ids"], pixel_values=values["pixel_values"])
    errors = {name: float(numpy.abs(output[name].numpy() - values[name]).max())
              for name in ("image_embeds", "text_embeds", "logits_per_image")}
    print("tf against quick-gelu:", errors)
    assert errors["image_embeds"] < 1e-5 and errors["text_embeds"] < 1e-5
    model.save_pretrained(folder)
    (folder / "golden.safetensors").write_bytes(golden.read_bytes())
    (HERE / "tf-source.npz").unlink()
    names = sorted(path.name for path in folder.iterdir())
    record = {name: importlib.metadata.version(name) for name in ("tensorflow-cpu", "tf-keras", "transformers", "h5py")}
    record["sha256"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    (folder / "versions.json").write_text(json.dumps(record, indent=2) + "\n")
    path = HERE.parent / "expected.json"
    known = json.loads(path.read_text())
    known["huggingface/tf"] = known["huggingface/quick-gelu"]
    path.write_text(json.dumps(dict(sorted(known.items())), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    {"torch": torch_main, "tf": tf_main}[sys.argv[1]]()
