# SPDX-License-Identifier: Apache-2.0
"""The table and the picture of `inference.py`, of what it wrote into inference.json."""

import statistics

NAMES = {"ingot": "Ingot", "ingot-f16": "Ingot, float16 file", "ingot-avx2": "Ingot, AVX2", "torch": "PyTorch", "onnxruntime": "ONNX Runtime",
         "openvino": "OpenVINO", "ingot-int8": "Ingot int8", "ingot-int8-int8": "Ingot int8, int8 activations",
         "ingot-int8-avx2": "Ingot int8, AVX2", "ingot-int8-int8-avx2": "Ingot int8, int8 activations, AVX2", "onnxruntime-int8": "ONNX Runtime int8",
         "onnxruntime-avx2": "ONNX Runtime, AVX2", "onnxruntime-int8-avx2": "ONNX Runtime int8, AVX2",
         "ingot-int8, float32 activations": "Ingot int8, float32 activations"}
COLOURS = {"ingot": "#c2410c", "ingot-avx2": "#fb923c", "torch": "#64748b", "onnxruntime": "#0369a1", "openvino": "#7c3aed",
           "ingot-int8": "#7c2d12", "ingot-int8-int8": "#b91c1c", "ingot-int8-avx2": "#b45309", "onnxruntime-int8": "#0c4a6e"}
FLOAT_PEERS = ("torch", "onnxruntime", "openvino")
BATCHES = (1, 8, 32)


def rate(rows, batch):
    return next(row["bestPerSecond"] for row in rows if row["batch"] == batch)


def best(rounds, engine, batch):
    return max(rate(r[engine], batch) for r in rounds if engine in r)


def ratio(rounds, engine, others, batch):
    return statistics.median(rate(r[engine], batch) / max(rate(r[o], batch) for o in others) for r in rounds)


def header(*columns):
    return ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]


def rates(result, tower, title):
    rounds, work, peak = result["rates"][tower], result["multiplyAdds"]["ViT-B/32"], result["peak"]
    lines = ["", f"## {title}", "", *header("", "batch 1", "8", "32", "share of the peak at 32")]
    for engine in (e for e in NAMES if e in rounds[0]):
        found = [best(rounds, engine, b) for b in BATCHES]
        kind = "float32" if "int8" not in engine else "int16" if engine in ("ingot-int8", "ingot-int8-avx2") else "int8"
        done = work[f"{tower}, computed"] if engine.startswith("ingot") else work[tower]
        share = 100 * found[2] * done / (2e9 * peak[kind])
        lines.append(f"| {NAMES[engine]} | " + " | ".join(f"{v:.1f}" for v in found) + f" | {share:.0f} % |")
    return lines


def ratios(rows):
    """`rows` are: a name, the rounds, an engine, what it is divided by (the best of these), and what is aimed at."""
    lines = ["", "## Ratios", "", "Median over the rounds; above 1 Ingot is faster. Bold is what was aimed at and is not reached.", "",
             *header("", "batch 1", "8", "32", "aimed at")]
    for name, rounds, engine, others, aim in rows:
        values = [ratio(rounds, engine, others, b) for b in BATCHES]
        lines.append(f"| {name} | " + " | ".join(f"{v:.2f}" if v >= aim else f"**{v:.2f}**" for v in values) + f" | {aim} |")
    return lines


def compared(r):
    """The rows of the ratios of `inference.py`."""
    rows = []
    for tower in ("image", "text"):
        rows.append((f"Ingot over the best float32 peer, {tower}s", r[tower], "ingot", FLOAT_PEERS, 1.1))
        rows.append((f"Ingot int8 over ONNX Runtime int8, {tower}s", r[tower], "ingot-int8", ("onnxruntime-int8",), 1.0))
        rows.append((f"Ingot int8 with int8 activations over ONNX Runtime int8, {tower}s", r[tower], "ingot-int8-int8", ("onnxruntime-int8",), 1.0))
    merged = [dict(t, caption=c["ingot"]) for c, t in zip(r["caption"], r["text"])]
    rows.append(("Ingot, captions, over the best float32 peer, texts", merged, "caption", FLOAT_PEERS, 3))
    return rows


def scaling(result):
    lines = []
    if "threads" in result:
        lines += ["", "## Threads", "", "Images a second, ViT-B/32.", "",
                  *header("", "1 thread, batch 1", "8", "2 threads, batch 1", "8", "gain at 8")]
        for engine in result["threads"]["1"]:
            values = [rate(result["threads"][n][engine], b) for n in ("1", "2") for b in (1, 8)]
            lines.append(f"| {NAMES[engine]} | " + " | ".join(f"{v:.1f}" for v in values) + f" | {values[3] / values[1]:.2f} |")
    if "sizes" in result:
        lines += ["", "## Sizes", "", "Images a second.", "", *header("", *(f"{m}, batch {b}" for m in result["sizes"] for b in (1, 8)))]
        for engine in next(iter(result["sizes"].values())):
            values = [rate(rows[engine], b) for rows in result["sizes"].values() for b in (1, 8)]
            lines.append(f"| {NAMES[engine]} | " + " | ".join(f"{v:.2f}" for v in values) + " |")
    return lines


def files(result):
    rows, size = result["files"]["rows"], result["files"]["inputBytes"]
    lines = ["", "## Files", "", f"Whole processes; a checkpoint of {size:,} bytes in the page cache; the least of five (verify: two).", "",
             *header("", "seconds", "GB/s of input", "peak memory, MiB")]
    for name, row in rows.items():
        speed = "" if name.startswith("verify") else f"{size / row['seconds'] / 1e9:.2f}"
        lines.append(f"| {name} | {row['seconds']:.2f} | {speed} | {row['peakMiB']:.0f} |")
    limit = rows["cp"]["seconds"] + rows["SHA-256 of the input (OpenSSL)"]["seconds"]
    lines += ["", f"Conversion to float16 takes {rows['convert to float16']['seconds'] / limit:.2f} × the time of cp and SHA-256 together (aimed at: 1.2); "
              f"quantization reads {size / rows['quantize float32 to int8']['seconds'] / 1e9:.2f} GB/s (aimed at: 1.5)."]
    return lines


def fidelity(result):
    lines = ["", "## Fidelity", "", "1 − cosine of embeddings against PyTorch's float32, 8 images and 8 texts; made weights whose channels spread over two decades.", "",
             *header("", "images, mean", "largest", "texts, mean", "largest")]
    for name, row in result["fidelity"].items():
        lines.append(f"| {NAMES[name]} | " + " | ".join(f"{row[t][k]:.1e}" for t in ("image", "text") for k in ("mean", "largest")) + " |")
    return lines


def limits(peak):
    return (f"Limits: one core in registers {peak['float32']} GMAC/s in float32, {peak['int16']} of 16-bit integers, {peak['int8']} of bytes; memcpy {peak['memcpy']} GB/s. Shares of the "
            "peak count what an engine computes: Ingot leaves out what no embedding needs in the last block (6.9 % of an image).")


def markdown(result):
    peak, m = result["peak"], result["machine"]
    dates = sorted(set(result["sectionDates"].values()))
    lines = [
        f"Inference of ViT-B/32 with made weights on {m['processor']} ({', '.join(m['features'])}), {m['cores']} cores, two threads each unless said otherwise; "
        f"{m['system']}. Written by `make benchmark-inference`; measured {'; '.join(dates)}.",
        f"Versions: {', '.join(f'{k} {v}' for k, v in result['versions'].items())}.",
        limits(peak)]
    if "rates" in result:
        lines += rates(result, "image", "Images a second") + rates(result, "text", "Texts of 77 tokens a second")
        lines += ["", "## Captions of 12 tokens a second", "", "The peers compute all 77 positions.", "", *header("", "batch 1", "8", "32")]
        for engine in result["rates"]["caption"][0]:
            lines.append(f"| {NAMES[engine]} | " + " | ".join(f"{best(result['rates']['caption'], engine, b):.1f}" for b in BATCHES) + " |")
        lines += ratios(compared(result["rates"]))
    if "cold" in result:
        lines += ["", "## Process start to first logits", "", *header("", "seconds", "peak memory, MiB")]
        lines += [f"| {NAMES[e]} | {row['seconds']:.2f} | {row['peakMiB']:.0f} |" for e, row in result["cold"].items()]
        lines += ["", f"The weights are {result['weightMiB']:.0f} MiB in float32; the int8 file is {result['int8MiB']:.0f} MiB."]
    if "fidelity" in result:
        lines += fidelity(result)
    if "files" in result:
        lines += files(result)
    return "\n".join(lines + scaling(result)) + "\n"


def picture(result):
    """Bars of images and texts a second, one group for each batch size."""
    parts, y0, height = [], 250, 190
    for panel, tower in enumerate(("image", "text")):
        rounds = result["rates"][tower]
        engines = [e for e in COLOURS if e in rounds[0]]
        top = max(best(rounds, e, b) for e in engines for b in BATCHES)
        left = 60 + panel * 460
        parts.append(f'<text x="{left}" y="30" font-size="14">{tower}s a second</text>')
        for g, batch in enumerate(BATCHES):
            for i, engine in enumerate(engines):
                value = best(rounds, engine, batch)
                h, x = height * value / top, left + g * 145 + i * 14
                title = f"{NAMES[engine]}, batch {batch}: {value:.1f}"
                parts.append(f'<rect x="{x}" y="{y0 - h:.1f}" width="12" height="{h:.1f}" fill="{COLOURS[engine]}"><title>{title}</title></rect>')
                parts.append(f'<text x="{x + 9}" y="{y0 - h - 4:.1f}" font-size="8" transform="rotate(-60 {x + 9} {y0 - h - 4:.1f})">{value:.0f}</text>')
            parts.append(f'<text x="{left + g * 145}" y="{y0 + 16}" font-size="11">batch {batch}</text>')
        for i, engine in enumerate(engines if panel == 0 else []):
            parts.append(f'<rect x="{60 + i % 3 * 280}" y="{280 + i // 3 * 18}" width="10" height="10" fill="{COLOURS[engine]}"/>')
            parts.append(f'<text x="{74 + i % 3 * 280}" y="{289 + i // 3 * 18}" font-size="11">{NAMES[engine]}</text>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="970" height="345" font-family="sans-serif">'
            '<rect width="970" height="345" fill="white"/>' + "".join(parts) + "</svg>\n")
