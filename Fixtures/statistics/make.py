#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes golden.json: what SciPy and scikit-learn say of the functions in Sources/IngotStatistics."""

import hashlib
import json
import platform
from pathlib import Path

import numpy
import scipy
import sklearn
from scipy import special, stats
from sklearn.calibration import calibration_curve

HERE = Path(__file__).resolve().parent
SEED = 9
MASK = (1 << 64) - 1


class SplitMix64:
    """The published generator, written again here."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


def functions(random):
    parameters = [0.5, 1, 1.5, 2, 3.25, 10, 31.5, 100, 1234.5, 50000]
    places = [1e-12, 1e-4, 0.03, 0.25, 0.5, 0.75, 0.97, 0.9999]
    shares = [1e-6, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999999]
    yield "logGamma", [[x, special.gammaln(x)] for x in [1e-300, 1e-8, 0.1, 0.5, 0.999, 1, 1.001, 1.5, 2, 2.5, 7, 14.99, 15, 100.5, 1e6, 1e15]]
    yield "upperGamma", [[a, x, special.gammaincc(a, x)] for a in parameters for x in [0, 0.01 * a, 0.5 * a, 0.99 * a, a + 1, 1.2 * a + 2, 3 * a + 5] ]
    yield "chiSquareSurvival", [[x, k, stats.chi2.sf(x, k)] for k in [1, 2, 5, 30, 400] for x in [0, 0.1, 1, 3.841458820694124, 10, 50, 500]]
    yield "beta", [[x, a, b, special.betainc(a, b, x)] for a in parameters for b in parameters for x in places + [a / (a + b)]]
    yield "betaQuantile", [[p, a, b, special.betaincinv(a, b, p)] for a in parameters for b in parameters for p in shares]
    yield "normal", [[x, stats.norm.cdf(x)] for x in [-38, -8, -3, -1.96, -0.5, 0, 0.25, 1, 2.5758, 6, 9]]
    yield "normalQuantile", [[p, stats.norm.ppf(p)] for p in [1e-300, 1e-20, 1e-6, 0.025, 0.3, 0.5, 0.6, 0.925, 0.975, 0.999999]]
    yield "student", [[t, k, stats.t.cdf(t, k)] for k in [1, 2, 7.5, 30, 1000] for t in [-50, -2, -0.1, 0, 0.7, 3, 12]]
    yield "studentQuantile", [[p, k, stats.t.ppf(p, k)] for k in [1, 2, 7, 30, 1000] for p in [0.001, 0.025, 0.4, 0.5, 0.51, 0.975, 0.9999]]
    yield "clopperPearson", [
        # binomtest's own proportion_ci stops 2e-12 from the root, which shows where the limit is small.
        [k, n, level, stats.beta.ppf((1 - level) / 2, k, n - k + 1) if k else 0.0,
         stats.beta.isf((1 - level) / 2, k + 1, n - k) if k < n else 1.0]
        for n in [1, 2, 10, 64, 1000, 50000] for k in sorted({0, 1, n // 3, n // 2, n - 1, n}) for level in [0.9, 0.95, 0.99]]


def samples(random):
    numbers = random.normal(size=40)
    generator = SplitMix64(77)
    means = [numbers[[(generator.next() * 40) >> 64 for _ in range(40)]].mean() for _ in range(500)]
    level = stats.t.interval(0.95, 39, loc=numbers.mean(), scale=stats.sem(numbers))
    normal = stats.norm.interval(0.95, loc=numbers.mean(), scale=stats.sem(numbers))
    yield "mean", {"values": numbers.tolist(), "mean": numbers.mean(), "deviation": numbers.std(ddof=1), "student": list(level), "normal": list(normal),
                   "bootstrap": {"seed": 77, "draws": 500, "interval": numpy.percentile(means, [2.5, 97.5]).tolist()}}
    ranks = []
    for size, ties in [(2, 0), (5, 0), (30, 0), (30, 6), (200, 12), (7, 2)]:
        a = random.normal(size=size)
        b = 0.6 * a + random.normal(size=size)
        if ties:
            a, b = numpy.round(a * ties / 3), numpy.round(b * ties / 3)
        ranks.append({"first": a.tolist(), "second": b.tolist(), "ranks": stats.rankdata(a).tolist(),
                      "spearman": stats.spearmanr(a, b).statistic, "kendall": stats.kendalltau(a, b).statistic})
    yield "ranks", ranks
    divergences = []
    for size, scale in [(2, 1), (10, 5), (1000, 30)]:
        a = random.normal(size=size) * scale
        b = a + random.normal(size=size) * 0.1
        p, q = special.softmax(a), special.softmax(b)
        divergences.append({"first": a.tolist(), "second": b.tolist(), "forward": stats.entropy(p, q), "backward": stats.entropy(q, p),
                            "logSoftmax": special.log_softmax(a)[:5].tolist()})
    yield "divergences", divergences
    calibrations = []
    for size, bins in [(50, 10), (1000, 15), (200, 1)]:
        confidences = numpy.round(random.beta(3, 1, size=size), 2)  # rounded: some lie on the edges of bins
        hits = random.random(size) < confidences ** 1.5
        shares, means = calibration_curve(hits, confidences, n_bins=bins)
        edges = numpy.linspace(0, 1, bins + 1)
        counts = numpy.bincount(numpy.searchsorted(edges[1:-1], confidences), minlength=bins)
        counts = counts[counts > 0]
        calibrations.append({"confidences": confidences.tolist(), "hits": hits.tolist(), "bins": bins,
                             "error": float((numpy.abs(shares - means) * counts).sum() / size)})
    yield "calibrations", calibrations
    generator = SplitMix64(1234567)
    # The first is the published test value of the generator's reference code for this seed.
    yield "splitMix64", {"seed": 1234567, "values": [str(generator.next()) for _ in range(5)]}


random = numpy.random.default_rng(SEED)
golden = {name: [[float(v) for v in row] for row in rows] for name, rows in functions(random)} | dict(samples(random))
text = json.dumps(golden, default=float)
(HERE / "golden.json").write_text(text + "\n")
versions = {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__,
            "seed": SEED, "sha256": {"golden.json": hashlib.sha256((text + "\n").encode()).hexdigest()}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
