"""big_vision's `.npz` of a SigLIP model: the inverse of open_clip's `convert.load_big_vision_weights`.

The names and layouts are those that converter reads: kernels [in, out], attention kernels [width, heads, head width]
and [heads, head width, width], convolutions HWIO, `b` and `t` of shape [1]. With `scanned`, the blocks of a tower are
stacked along a first axis under `encoderblock`, as big_vision writes models whose layers it scans.
"""

import numpy


def split(weight, bias, heads):
    """Rows [width, width] of one of q, k, v as a kernel [width, heads, head width] and a bias [heads, head width]."""
    width = weight.shape[1]
    return {"kernel": weight.T.reshape(width, heads, -1), "bias": bias.reshape(heads, -1)}


def attention(weight, bias, out_weight, out_bias, heads):
    parts = zip(("query", "key", "value"), weight.chunk(3), bias.chunk(3))
    entries = {f"{name}/{key}": value for name, rows, row in parts for key, value in split(rows, row, heads).items()}
    out = out_weight.T.reshape(heads, -1, out_weight.shape[0])
    return {**entries, "out/kernel": out, "out/bias": out_bias}


def norm(module):
    return {"scale": module.weight, "bias": module.bias}


def dense(module):
    return {"kernel": module.weight.T, "bias": module.bias}


def mlp(first, second):
    return nested({"Dense_0": dense(first), "Dense_1": dense(second)})


def nested(parts):
    return {f"{name}/{key}": value for name, entries in parts.items() for key, value in entries.items()}


def timm_block(block, heads):
    attn = block.attn
    return nested({
        "LayerNorm_0": norm(block.norm1), "LayerNorm_1": norm(block.norm2),
        "MultiHeadDotProductAttention_0": attention(attn.qkv.weight, attn.qkv.bias, attn.proj.weight, attn.proj.bias,
                                                    heads),
        "MlpBlock_0": mlp(block.mlp.fc1, block.mlp.fc2)})


def text_block(block, heads):
    attn = block.attn
    return nested({
        "LayerNorm_0": norm(block.ln_1), "LayerNorm_1": norm(block.ln_2),
        "MultiHeadDotProductAttention_0": attention(attn.in_proj_weight, attn.in_proj_bias, attn.out_proj.weight,
                                                    attn.out_proj.bias, heads),
        "MlpBlock_0": mlp(block.mlp.c_fc, block.mlp.c_proj)})


def encoder(prefix, blocks, final, scanned):
    if scanned:
        stacked = {key: numpy.stack([numpy.asarray(block[key]) for block in blocks]) for key in blocks[0]}
        entries = {f"{prefix}/encoderblock/{key}": value for key, value in stacked.items()}
    else:
        entries = {f"{prefix}/encoderblock_{index}/{key}": value
                   for index, block in enumerate(blocks) for key, value in block.items()}
    return {**entries, **{f"{prefix}/encoder_norm/{key}": value for key, value in norm(final).items()}}


def pool(module, heads):
    kv = zip(("key", "value"), module.kv.weight.chunk(2), module.kv.bias.chunk(2))
    parts = {"query": split(module.q.weight, module.q.bias, heads),
             **{name: split(rows, row, heads) for name, rows, row in kv},
             "out": {"kernel": module.proj.weight.T.reshape(heads, -1, module.proj.weight.shape[0]),
                     "bias": module.proj.bias}}
    return {"probe": module.latent, **nested({"LayerNorm_0": norm(module.norm),
                                              "MultiHeadDotProductAttention_0": nested(parts),
                                              "MlpBlock_0": mlp(module.mlp.fc1, module.mlp.fc2)})}


def arrays(model, scanned=False):
    """Every array of the file by its name."""
    trunk, text = model.visual.trunk, model.text
    heads = trunk.blocks[0].attn.num_heads
    entries = {
        "img/embedding/kernel": trunk.patch_embed.proj.weight.permute(2, 3, 1, 0),
        "img/embedding/bias": trunk.patch_embed.proj.bias,
        "img/pos_embedding": trunk.pos_embed,
        **encoder("img/Transformer", [timm_block(block, heads) for block in trunk.blocks], trunk.norm, scanned),
        **{f"img/MAPHead_0/{key}": value for key, value in pool(trunk.attn_pool, heads).items()},
        "txt/Embed_0/embedding": text.token_embedding.weight,
        "txt/pos_embedding": text.positional_embedding[None],
        **encoder("txt/Encoder_0", [text_block(block, text.heads) for block in text.transformer.resblocks],
                  text.ln_final, scanned),
        **{f"txt/head/{key}": value for key, value in dense(text.text_projection).items()},
        "b": model.logit_bias.reshape(1), "t": model.logit_scale.reshape(1)}
    return {f"params/{name}": numpy.ascontiguousarray(numpy.asarray(value)) for name, value in entries.items()}
