#!/usr/bin/env python3
"""Makes this folder: a tiny vision transformer CLIP with made, uneven weights. Run it with no arguments."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tools"))

import tiny_fixture

# Embedding 48; image 32 in patches of 8 (17 tokens), 2 layers of width 128 (2 heads);
# context 20, vocabulary 300, text of width 64 (1 head), 3 layers.
tiny_fixture.make(HERE, (48, 32, 2, 128, 8, 20, 300, 64, 1, 3), seed=20, images=7, texts=5)
