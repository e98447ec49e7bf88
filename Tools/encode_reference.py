#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The integers that weights become, computed from Formats/numerics.md (Scales) and Formats/ingot.md (section 6) with NumPy alone.

    encode_reference.py

prints the SHA-256 of the bytes of one made tensor in every encoding of integers and by every way to choose scales: what
`GroupedEncodingTests` holds the encoder to.
"""

import hashlib

import numpy

F4, F8 = numpy.float32, numpy.float64
SMALLEST = F4(2.0**-126)


class SplitMix64:
    """As in Tests/IngotTestSupport."""

    MASK = (1 << 64) - 1

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & self.MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.MASK
        return z ^ (z >> 31)


def made(count, seed):
    """Sums of four even numbers, every sixty-first nine times as large: all exact."""
    random = SplitMix64(seed)
    values = []
    for index in range(count):
        spread = F4(0)
        for _ in range(4):
            spread = spread + F4(random.next() >> 40) - F4(2.0**23)
        values.append(spread * F4(2.0**-26) * F4(9 if index % 61 == 0 else 1))
    return numpy.array(values, F4)


def scale_of(span, limit, narrow):
    scale = max(F4(span / F4(limit)), SMALLEST)
    if not narrow:
        return scale
    bits = (numpy.array([scale], F4).view("<u4") + 0xFFFF) & 0xFFFF0000
    return bits.astype("<u4").view(F4)[0]


def integers(values, scale, limit):
    return numpy.clip(numpy.rint(values / scale), F4(-limit), F4(limit)).astype(F4)


def error(values, scale, limit, moments):
    d = values.astype(F8) - (integers(values, scale, limit) * scale).astype(F8)
    terms = d * d * moments.astype(F8) if moments is not None else d * d
    lanes = [F8(0)] * 8
    for index, term in enumerate(terms):
        lanes[index % 8] = lanes[index % 8] + term
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))


def quantize(values, limit, narrow, searches, moments):
    """Scale and integers of one run."""
    largest = numpy.abs(values).max()
    best = scale_of(largest, limit, narrow)
    if searches and best != SMALLEST:
        least = error(values, best, limit, moments)
        for step in range(1, 33):
            scale = scale_of(F4(largest * (F4(64 - step) / F4(64))), limit, narrow)
            found = error(values, scale, limit, moments)
            if found < least:
                best, least = scale, found
    return best, integers(values, best, limit)


def encoded(matrix, bits, group, searches, moments):
    """The bytes of a matrix [channels, inputs] with axis 0."""
    limit, (channels, length) = (1 << (bits - 1)) - 1, matrix.shape
    scales, rows = [], []
    for row in matrix:
        for start in range(0, length, group or length):
            part = slice(start, start + (group or length))
            scale, found = quantize(row[part], limit, group is not None, searches, None if moments is None else moments[part])
            scales.append(scale)
            rows.append(found)
    stream = 0
    for index, value in enumerate(numpy.concatenate(rows).astype(int).tolist()):
        stream |= (value & ((1 << bits) - 1)) << (bits * index)
    size = -(-bits * matrix.size // 8)
    data = stream.to_bytes(size, "little").ljust(-(-size // 64) * 64, b"\0")
    scales = numpy.array(scales, "<f4")
    return data + (scales.tobytes() if group is None else (scales.view("<u4") >> 16).astype("<u2").tobytes())


def main():
    matrix, moments = made(40 * 200, 5).reshape(40, 200), made(200, 6)
    moments = moments * moments
    everything = b""
    for bits, group in [(8, None)] + [(bits, group) for bits in (8, 6, 4) for group in (32, 64, 128)]:
        for searches, weights in ((False, None), (True, None), (True, moments)):
            everything += encoded(matrix, bits, group, searches, weights)
    print(hashlib.sha256(everything).hexdigest())


if __name__ == "__main__":
    main()
