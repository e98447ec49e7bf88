#!/usr/bin/env python3
"""Makes this folder: a tiny modified ResNet CLIP with made, uneven weights. Run it with no arguments."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tools"))

import tiny_fixture

# Embedding 40; image 64 (attention pool over 2 x 2), bottlenecks (1, 2, 1, 1), width 8 (256 channels, 4 heads);
# context 20, vocabulary 300, text of width 64 (1 head), 2 layers.
tiny_fixture.make(HERE, (40, 64, (1, 2, 1, 1), 8, None, 20, 300, 64, 1, 2), seed=50, images=4, texts=5)
