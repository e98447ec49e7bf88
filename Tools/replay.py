#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes both numbers of capsules (`ingot bisect --capsule`) again, in float64: each must be the capsule's own within its bound."""
import json, math, sys, numpy as np
gate = lambda v, z: v / (1 + math.exp(-max(-700, min(700, z))))
F = {"identity": lambda v: v, "relu": lambda v: max(v, 0), "silu": lambda v: gate(v, v), "gelu": lambda v: v * (1 + math.erf(v / math.sqrt(2))) / 2,
     "quick-gelu": lambda v: gate(v, 1.702 * v), "gelu-tanh": lambda v: gate(v, 2 * math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))}
mix = lambda s, v: np.exp(s - s.max()) @ v / np.exp(s - s.max()).sum()
mean = lambda x, t, m: (x.sum() + t("others")[0]) / int(m("count"))
norm = lambda d, t, m: d[int(m("index"))] / math.sqrt((d @ d + t("others")[1]) / int(m("count")) + float(m("epsilon")))
K = {"product": lambda x, t, m: x @ t("weights") * t("scale")[0], "sum": lambda x, t, m: x[0] + t("addend")[0], "value": lambda x, t, m: t("value")[0],
     "activation": lambda x, t, m: F[m("activation")](x[0]), "mean": mean, "largest": lambda x, t, m: x.max(),
     "layer-norm": lambda x, t, m: norm(x - mean(x, t, m), t, m) * t("gain")[0] + t("bias")[0],
     "attention": lambda x, t, m: mix(np.where(np.arange(len(t("scores"))) == int(m("key")), t("query") @ t("key") / len(t("key"))**.5, t("scores")), t("values"))}
for raw in (open(path, "rb").read() for path in sys.argv[1:]):
    meta = (head := json.loads(raw[8:8 + int.from_bytes(raw[:8], "little")])).pop("__metadata__")
    if meta["format"] != "ingot-capsule-3": sys.exit(f"found format {meta['format']}, expected ingot-capsule-3")
    place = lambda v: slice(*(8 + int.from_bytes(raw[:8], "little") + at for at in v["data_offsets"]))
    data = {k: np.frombuffer(raw[place(v)], "<f4").astype(float) for k, v in head.items()}
    again = lambda s: (t := lambda n: data.get(f"{s}.{n}", data.get(n)), m := lambda n: meta[f"{s}.{n}"]) and K[m("kind")](t("input"), t, m)
    pairs, bound = [(again(s), data[f"{s}.output"][0]) for s in ("reference", "model")], float(meta["bound"])
    if not all(abs(a - b) <= bound or not math.isfinite(b) for a, b in pairs): sys.exit(f"{meta['operation']}: NOT reproduced, {pairs}")
    print(f"{meta['operation']}: {pairs[0][0]:.9g} and {pairs[1][0]:.9g}, bound {bound:.3g}: reproduced")
