#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the images of this folder, and manifest.json with what Pillow and torchvision make of each.

    python3 make.py

Needs Pillow, NumPy, torch, torchvision, clip (OpenAI's package) and scikit-learn (for its two photographs). The preprocessing is
OpenAI's own `clip.clip._transform`.
"""

import hashlib
import io
import json
import pathlib
import platform
import struct
import warnings
import zlib

import numpy as np
import PIL
from PIL import Image, features
import sklearn
from sklearn.datasets import load_sample_image
import torch
import torchvision
from clip.clip import _transform

warnings.filterwarnings("ignore", message="Palette images with Transparency")
FOLDER = pathlib.Path(__file__).resolve().parent
SIZES = (28, 64, 224)
random = np.random.default_rng(20240117)
china = Image.fromarray(load_sample_image("china.jpg"))
flower = Image.fromarray(load_sample_image("flower.jpg"))


def photo(width, height, source=china, box=(60, 40, 560, 400)):
    return source.crop(box).resize((width, height), Image.LANCZOS)


def noise(width, height, channels):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return random.integers(0, 256, shape, dtype=np.uint8)


def with_alpha(image):
    """The image with an alpha that takes all values, some pixels wholly transparent, with colours under them."""
    alpha = noise(*image.size, 1)
    alpha[: image.height // 4] = 0
    alpha[-(image.height // 4) :] = 255
    image = image.copy()
    image.putalpha(Image.fromarray(alpha))
    return image


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def raw_png(samples, depth, colour, interlaced=False, extra=b""):
    """A PNG of kinds that Pillow does not write: `samples` is [height, width, channels]; filter 0 on every row."""
    height, width, channels = samples.shape

    def rows(part):
        if part.shape[0] == 0 or part.shape[1] == 0:
            return b""
        flat = part.reshape(part.shape[0], -1).astype(np.uint32)
        bits = ((flat[:, :, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
        packed = np.packbits(bits.reshape(part.shape[0], -1), axis=1)
        return b"".join(b"\0" + row.tobytes() for row in packed)

    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = chunk(b"IDAT", zlib.compress(b"".join(rows(part) for part in passes), 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + body + chunk(b"IEND", b"")


def saved(image, **options):
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


def resampled(data, factors):
    """A JPEG with other sampling factors of its first component than Pillow writes, and as many blocks: a jumble, but a valid one."""
    place = next(i for i in range(len(data)) if data[i] == 0xFF and data[i + 1] in (0xC0, 0xC2))
    return data[: place + 11] + bytes([factors]) + data[place + 12 :]


def images():
    def png(image, **options):
        return saved(image, format="PNG", **options)

    def jpeg(image, **options):
        return saved(image, format="JPEG", **options)

    def wide(samples):  # 8 bits to 16, with other low bytes
        return (samples.astype(np.uint32) << 8) | noise(samples.shape[1], samples.shape[0], 1)[:, :, None]

    yield "china.jpg", jpeg(china.resize((320, 213), Image.LANCZOS), quality=88)
    yield "flower.jpg", jpeg(flower.resize((213, 320), Image.LANCZOS), quality=92, progressive=True)

    grey = photo(67, 45).convert("L")
    yield "l.png", png(grey)
    yield "l-28x28.png", png(photo(28, 28).convert("L"))
    yield "l-1x1.png", png(Image.new("L", (1, 1), 200))
    yield "l-transparency.png", png(photo(40, 31).convert("L"), transparency=128)
    yield "l-2bit.png", raw_png(noise(37, 29, 3)[:, :, :1] >> 6, 2, 0)
    yield "l-4bit.png", raw_png(noise(31, 37, 3)[:, :, :1] >> 4, 4, 0)
    yield "l-4bit-interlaced.png", raw_png(noise(35, 30, 3)[:, :, :1] >> 4, 4, 0, True)
    yield "1.png", png(photo(61, 43).convert("1"))
    yield "1-tall.png", png(photo(19, 131).convert("1"))
    yield "1-noise.png", png(Image.fromarray(noise(90, 97, 1) > 127))
    yield "1-interlaced.png", raw_png(noise(33, 41, 3)[:, :, :1] >> 7, 1, 0, True)
    yield "la.png", png(with_alpha(photo(53, 38).convert("L")))
    yield "la-noise.png", png(Image.fromarray(noise(31, 45, 2), "LA"))
    yield "la-28x40.png", png(with_alpha(photo(28, 40).convert("L")))
    yield "la-28x28.png", png(with_alpha(photo(28, 28).convert("L")))
    yield "la-16bit.png", raw_png(wide(noise(29, 33, 2)), 16, 4)

    coloured = photo(71, 52).quantize(256)
    yield "p.png", png(coloured)
    yield "p-tall.png", png(photo(23, 64).quantize(200))
    yield "p-28x28.png", png(photo(28, 28).quantize(31))
    yield "p-4bit.png", png(photo(45, 33).quantize(13), bits=4)
    yield "p-2bit.png", png(photo(33, 47).quantize(4), bits=2)
    yield "p-1bit.png", png(photo(34, 29).quantize(2), bits=1)
    yield "p-transparent-index.png", png(photo(44, 36).quantize(60), transparency=7)
    yield "p-transparency.png", png(photo(44, 36).quantize(64), transparency=bytes(range(0, 256, 4)))
    yield "p-short-palette.png", raw_png(
        noise(31, 30, 3)[:, :, :1], 8, 3, extra=chunk(b"PLTE", noise(100, 1, 3).tobytes()))
    yield "p-interlaced.png", raw_png(
        noise(38, 33, 3)[:, :, :1], 8, 3, True, chunk(b"PLTE", noise(256, 1, 3).tobytes()))

    yield "rgb.png", png(photo(83, 57))
    yield "rgb-tall.png", png(photo(31, 117))
    # More than twice as tall as wide, and less, on both sides of the rule for the order of Pillow's passes.
    yield "rgb-noise-60x119.png", png(Image.fromarray(noise(60, 119, 3)))
    yield "rgb-noise-60x120.png", png(Image.fromarray(noise(60, 120, 3)))
    yield "rgb-noise-60x121.png", png(Image.fromarray(noise(60, 121, 3)))
    yield "rgb-noise-60x122.png", png(Image.fromarray(noise(60, 122, 3)))
    yield "rgba-noise-50x171.png", png(Image.fromarray(noise(50, 171, 4)))
    yield "l-230x700.png", png(photo(230, 700, flower).convert("L").quantize(30).convert("L"))
    yield "l-noise-30x4000.png", png(Image.fromarray(noise(30, 4000, 1)))
    yield "l-noise-4000x30.png", png(Image.fromarray(noise(4000, 30, 1)))
    yield "ycc-tall.jpg", jpeg(photo(70, 200, flower), quality=80)
    yield "rgb-28x31.png", png(photo(28, 31))
    yield "rgb-28x35.png", png(photo(28, 35))
    yield "rgb-64x64.png", png(photo(64, 64))
    yield "rgb-224x227.png", png(photo(224, 227, flower).quantize(24).convert("RGB"))
    yield "rgb-noise.png", png(Image.fromarray(noise(65, 47, 3)))
    yield "rgb-extremes.png", png(Image.fromarray((noise(49, 53, 3) > 127).astype(np.uint8) * 255))
    yield "rgb-1x200.png", png(Image.fromarray(noise(1, 200, 3)))
    yield "rgb-300x2.png", png(Image.fromarray(noise(300, 2, 3)))
    yield "rgb-2x3.png", png(Image.fromarray(noise(2, 3, 3)))
    yield "rgb-16bit.png", raw_png(wide(noise(27, 35, 3)), 16, 2)
    yield "rgb-interlaced.png", raw_png(np.asarray(photo(39, 29)), 8, 2, True)
    yield "rgb-transparency.png", png(photo(31, 33), transparency=(10, 20, 30))
    yield "rgb-chunks.png", png(photo(30, 30), dpi=(72, 72), icc_profile=b"not a profile", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")
    yield "rgb-animated.png", png(photo(36, 30), save_all=True, append_images=[photo(36, 30, flower)])
    yield "rgba.png", png(with_alpha(photo(77, 58)))
    yield "rgba-noise.png", png(Image.fromarray(noise(51, 62, 4)))
    yield "rgba-28x28.png", png(with_alpha(photo(28, 28)))
    yield "rgba-28x29.png", png(with_alpha(photo(28, 29)))
    yield "rgba-16bit.png", raw_png(wide(noise(26, 31, 4)), 16, 6)
    yield "rgba-interlaced.png", raw_png(noise(31, 26, 4), 8, 6, True)

    yield "l.jpg", jpeg(photo(75, 59).convert("L"), quality=80)
    yield "l-progressive.jpg", jpeg(photo(59, 75).convert("L"), quality=80, progressive=True)
    for name, sampling in (("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0")):
        yield f"ycc-{name}.jpg", jpeg(photo(99, 71), quality=85, subsampling=sampling)
        yield f"ycc-{name}-odd.jpg", jpeg(photo(53, 93, flower), quality=60, subsampling=sampling)
        yield f"ycc-{name}-progressive.jpg", jpeg(photo(87, 63), quality=75, subsampling=sampling, progressive=True)
    for name, written, factors in (("440", "4:2:2", 0x12), ("411", "4:2:0", 0x41), ("410-tall", "4:2:0", 0x14)):
        yield f"ycc-{name}.jpg", resampled(jpeg(photo(61, 59), quality=85, subsampling=written), factors)
        yield f"ycc-{name}-progressive.jpg", resampled(
            jpeg(photo(61, 59, flower), quality=85, subsampling=written, progressive=True), factors)
    yield "ycc-restart.jpg", jpeg(photo(91, 67), quality=85, restart_marker_blocks=3)
    yield "ycc-optimized.jpg", jpeg(photo(63, 66), quality=30, optimize=True)
    yield "ycc-quality-100.jpg", jpeg(Image.fromarray(noise(45, 41, 3)), quality=100, subsampling="4:2:0")
    yield "ycc-1x1.jpg", jpeg(Image.new("RGB", (1, 1), (200, 30, 90)))
    yield "ycc-17x9.jpg", jpeg(photo(17, 9), quality=90, subsampling="4:2:0")
    yield "rgb.jpg", jpeg(photo(57, 49), quality=85, keep_rgb=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "ycc-rotated.jpg", jpeg(photo(60, 41), exif=exif)
    yield "cmyk.jpg", jpeg(photo(69, 47).convert("CMYK"), quality=85)
    yield "cmyk-noise.jpg", jpeg(Image.fromarray(noise(41, 35, 4), "CMYK"), quality=95)
    yield "cmyk-progressive.jpg", jpeg(photo(47, 69).convert("CMYK"), quality=85, progressive=True)
    # Adobe's marker says that the four components of the same data are YCCK.
    data = jpeg(photo(69, 47).convert("CMYK"), quality=85)
    place = data.index(b"Adobe")
    yield "ycck.jpg", data[: place + 11] + b"\x02" + data[place + 12 :]

    # Grey of 16 bits. Pillow takes values for 8 bits on the way to RGB, so these are dark, a step around 255, and a ramp over all values.
    def grey16(samples):
        return png(Image.fromarray(samples.astype(np.uint16)))

    yield "l-16bit-dark.png", grey16(random.integers(0, 300, (41, 37)))
    yield "l-16bit-step.png", grey16(np.repeat(np.arange(200, 320, 4)[None], 80, 0))
    yield "l-16bit-tall.png", grey16(random.integers(0, 270, (129, 31)))
    yield "l-16bit-28x28.png", grey16(random.integers(0, 65536, (28, 28)))
    yield "l-16bit-interlaced.png", raw_png(noise(33, 29, 3)[:, :, :1].astype(np.uint32) + 20, 16, 0, True)
    for orientation in (3, 8):
        exif[0x0112] = orientation
        yield f"rgb-rotated-{orientation}.png", png(photo(43, 29), exif=exif)
        yield f"ycc-rotated-{orientation}.jpg", jpeg(photo(47, 31), exif=exif, quality=80)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def described(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    # Pillow packs the pixels of mode 1 into bits; here each is a byte.
    pixels = image.convert("L").tobytes() if image.mode == "1" else image.tobytes()
    entry = {"mode": image.mode, "width": image.width, "height": image.height, "bytes": digest(data), "decoded": digest(pixels)}
    for size in SIZES:
        steps = _transform(size).transforms
        rgb = Image.open(io.BytesIO(data))
        for step in steps[:3]:
            rgb = step(rgb)
        assert rgb.mode == "RGB" and rgb.size == (size, size)
        tensor = _transform(size)(Image.open(io.BytesIO(data))).contiguous()
        assert tensor.shape == (3, size, size) and tensor.dtype == torch.float32
        entry[str(size)] = {"rgb": digest(rgb.tobytes()), "tensor": digest(tensor.numpy().astype("<f4").tobytes())}
    return entry


def main():
    for old in (*FOLDER.glob("*.png"), *FOLDER.glob("*.jpg")):
        old.unlink()
    manifest = {}
    for name, data in images():
        assert name not in manifest, name
        (FOLDER / name).write_bytes(data)
        manifest[name] = described(data)
    (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    versions = {
        "python": platform.python_version(), "pillow": PIL.__version__, "numpy": np.__version__,
        "libjpeg-turbo (in Pillow)": features.version("libjpeg_turbo"), "zlib (in Pillow)": features.version("zlib"),
        "torch": torch.__version__, "torchvision": torchvision.__version__, "scikit-learn": sklearn.__version__,
    }
    (FOLDER / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
    print(len(manifest), "images,", sum((FOLDER / name).stat().st_size for name in manifest), "bytes")


if __name__ == "__main__":
    main()
