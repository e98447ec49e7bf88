#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes both numbers of capsules (`ingot bisect --capsule`) again, in float64: each must be the capsule's own within its bound."""
import json, math, sys
import numpy as np

gate = lambda v, z: v / (1 + math.exp(-max(-700, min(700, z))))
FUNCTIONS = {"identity": lambda v: v, "relu": lambda v: max(v, 0), "silu": lambda v: gate(v, v), "quick-gelu": lambda v: gate(v, 1.702 * v),
             "gelu": lambda v: v * (1 + math.erf(v / math.sqrt(2))) / 2, "gelu-tanh": lambda v: gate(v, 2 * math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))}
weigh = lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum()
KINDS = {"product": lambda x, t, m: x[0] @ t("weights")[0], "sum": lambda x, t, m: x[0, 0] + t("addend")[0, 0], "value": lambda x, t, m: t("value")[0, 0],
         "activation": lambda x, t, m: FUNCTIONS[m("activation")](x[0, 0]),
         "layer-norm": lambda x, t, m: (x[0] - x[0].mean()) / math.sqrt(x[0].var() + float(m("epsilon"))) * t("gain")[0] + t("bias")[0],
         "attention": lambda x, t, m: weigh(t("keys") @ t("query")[0] / math.sqrt(t("keys").shape[1])) @ t("values")[:, 0]}
for path in sys.argv[1:]:
    raw = open(path, "rb").read()
    start = 8 + int.from_bytes(raw[:8], "little")
    head = json.loads(raw[8:start])
    meta = head.pop("__metadata__")
    t = {k: np.frombuffer(raw[start:][slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).astype(float) for k, v in head.items()}
    again = [KINDS[meta["kind"]](t["input"], lambda n: t[f"{side}.{n}"], lambda n: meta[f"{side}.{n}"]) for side in ("reference", "model")]
    again = [float(a[int(meta["column"])] if np.ndim(a) else a) for a in again]
    own, bound = [t[f"{side}.output"][0, 0] for side in ("reference", "model")], float(meta["bound"])
    ok = all(abs(a - b) <= bound or not math.isfinite(b) for a, b in zip(again, own)) and not abs(own[0] - own[1]) <= bound
    print(f"{meta['operation']}: {again[0]:.9g} and {again[1]:.9g}, bound {bound:.3g}: {'reproduced' if ok else 'NOT reproduced'}")
    if not ok: sys.exit(1)
