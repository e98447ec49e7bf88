#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Weights that are rounded with compensation, computed as the papers write it (GPTQ: Frantar et al. 2023, algorithm 1; the moved target: GPTAQ,
Li et al. 2025) with NumPy alone: by the Cholesky factor of the inverse, one column after the other, all others moved after each.

    compensated_reference.py

prints the SHA-256 of the bytes of one made tensor in three encodings: what `CompensatedRoundingTests` holds the encoder to, which computes the same
from the factor of the matrix itself, in blocks.
"""

import hashlib

import numpy

from encode_reference import F4, F8, made, quantize

CHANNELS, INPUTS, ROWS = 24, 150, 300
DAMPING = 0.01


def matrices():
    """Weights, what enters them, and what entered them in the original model; float32."""
    weights = made(CHANNELS * INPUTS, 10).reshape(CHANNELS, INPUTS)
    common = made(ROWS, 8)
    inputs = made(ROWS * INPUTS, 7).reshape(ROWS, INPUTS) + F4(2) * common[:, None]
    original = inputs + F4(0.125) * made(ROWS * INPUTS, 9).reshape(ROWS, INPUTS)
    return weights, inputs, original


def compensated(weights, inputs, original, scales, limit):
    """Integers `[channels, inputs]`; `scales` as large."""
    x, y = inputs.astype(F8), original.astype(F8)
    squares = x.T @ x
    damped = squares + DAMPING * squares.diagonal().mean() * numpy.eye(len(squares))
    w = weights.astype(F8) + numpy.linalg.solve(damped, x.T @ (y - x) @ weights.astype(F8).T).T
    order = numpy.argsort(-squares.diagonal(), kind="stable")
    upper = numpy.linalg.cholesky(numpy.linalg.inv(damped[order][:, order])).T
    w = w[:, order]
    found = numpy.zeros_like(w)
    for k in range(INPUTS):
        scale = scales[:, order[k]]
        found[:, k] = numpy.clip(numpy.rint(w[:, k].astype(F4) / scale), -limit, limit)
        error = (w[:, k] - found[:, k] * scale.astype(F8)) / upper[k, k]
        w[:, k:] -= error[:, None] * upper[k, k:]
    placed = numpy.zeros_like(found)
    placed[:, order] = found
    return placed.astype(int)


def encoded(bits, group):
    weights, inputs, original = matrices()
    limit, length = (1 << (bits - 1)) - 1, group or INPUTS
    runs = [[quantize(row[at:at + length], limit, group is not None, False, None)[0] for at in range(0, INPUTS, length)]
            for row in weights]
    scales = numpy.repeat(numpy.array(runs, F4), length, axis=1)[:, :INPUTS]
    found = compensated(weights, inputs, original, scales, limit)
    nearest = numpy.clip(numpy.rint(weights / scales), -limit, limit)
    assert (found != nearest).mean() > 0.05, "compensation changes integers"
    stream = 0
    for index, value in enumerate(found.reshape(-1).tolist()):
        stream |= (value & ((1 << bits) - 1)) << (bits * index)
    size = -(-bits * found.size // 8)
    data = stream.to_bytes(size, "little").ljust(-(-size // 64) * 64, b"\0")
    flat = numpy.array(runs, "<f4").reshape(-1)
    return data + (flat.tobytes() if group is None else (flat.view("<u4") >> 16).astype("<u2").tobytes())


def main():
    everything = b"".join(encoded(bits, group) for bits, group in ((8, None), (6, 64), (4, 32)))
    print(hashlib.sha256(everything).hexdigest())


if __name__ == "__main__":
    main()
