// SPDX-License-Identifier: Apache-2.0
//
// Made by Tools/make_paper_tables.py of Formats/paper.md.

extension PaperResults {
  static let table: [PaperDataset] = [
    PaperDataset(
      name: "food101", title: "Food-101", metric: "accuracy", classes: 101,
      deltaToSupervised: 22.5, shotsToMatch: 64,
      zeroShot: [
        "RN50": 81.1, "RN101": 83.9, "RN50x4": 86.8, "RN50x16": 90.5, "RN50x64": 91.8, "ViT-B/32": 84.4,
        "ViT-B/16": 89.2, "ViT-L/14": 92.9, "ViT-L/14@336px": 93.8,
      ],
      linearProbe: [
        "RN50": 86.4, "RN101": 88.9, "RN50x4": 91.3, "RN50x16": 93.3, "RN50x64": 94.8, "ViT-B/32": 88.8,
        "ViT-B/16": 92.8, "ViT-L/14": 95.2, "ViT-L/14@336px": 95.9, "ResNet-50": 71.3,
      ],
      again: PaperDataset.Again(
        testImages: 25250, metric: "accuracy",
        scores: [
          "RN50": 80.8, "RN101": 83.67, "RN50x4": 86.4, "RN50x16": 90.51, "RN50x64": 92.05, "ViT-B/32": 84.0,
          "ViT-B/16": 88.72, "ViT-L/14": 93.05, "ViT-L/14@336px": 93.86,
        ])),
    PaperDataset(
      name: "cifar10", title: "CIFAR-10", metric: "accuracy", classes: 10,
      deltaToSupervised: 3.9, shotsToMatch: 81,
      zeroShot: [
        "RN50": 75.6, "RN101": 81.0, "RN50x4": 79.2, "RN50x16": 82.2, "RN50x64": 86.8, "ViT-B/32": 91.3,
        "ViT-B/16": 91.6, "ViT-L/14": 96.2, "ViT-L/14@336px": 95.7,
      ],
      linearProbe: [
        "RN50": 88.7, "RN101": 91.1, "RN50x4": 90.5, "RN50x16": 92.2, "RN50x64": 94.1, "ViT-B/32": 95.1,
        "ViT-B/16": 96.2, "ViT-L/14": 98.0, "ViT-L/14@336px": 97.9, "ResNet-50": 91.8,
      ],
      again: PaperDataset.Again(
        testImages: 10000, metric: "accuracy",
        scores: [
          "RN50": 71.57, "RN101": 80.78, "RN50x4": 79.43, "RN50x16": 81.34, "RN50x64": 85.1, "ViT-B/32": 89.83,
          "ViT-B/16": 90.77, "ViT-L/14": 95.59, "ViT-L/14@336px": 94.93,
        ])),
    PaperDataset(
      name: "cifar100", title: "CIFAR-100", metric: "accuracy", classes: 100,
      deltaToSupervised: 3.0, shotsToMatch: 12.0,
      zeroShot: [
        "RN50": 41.6, "RN101": 49.0, "RN50x4": 48.9, "RN50x16": 54.2, "RN50x64": 61.3, "ViT-B/32": 65.1,
        "ViT-B/16": 68.7, "ViT-L/14": 77.9, "ViT-L/14@336px": 77.5,
      ],
      linearProbe: [
        "RN50": 70.3, "RN101": 73.5, "RN50x4": 73.0, "RN50x16": 74.9, "RN50x64": 78.6, "ViT-B/32": 80.5,
        "ViT-B/16": 83.1, "ViT-L/14": 87.5, "ViT-L/14@336px": 87.4, "ResNet-50": 74.5,
      ],
      again: PaperDataset.Again(
        testImages: 10000, metric: "accuracy",
        scores: [
          "RN50": 40.3, "RN101": 47.64, "RN50x4": 45.14, "RN50x16": 52.09, "RN50x64": 59.85, "ViT-B/32": 64.23,
          "ViT-B/16": 66.95, "ViT-L/14": 75.82, "ViT-L/14@336px": 74.36,
        ])),
    PaperDataset(
      name: "birdsnap", title: "Birdsnap", metric: "accuracy", classes: 500,
      deltaToSupervised: -3.2, shotsToMatch: 2.7,
      zeroShot: [
        "RN50": 32.6, "RN101": 37.2, "RN50x4": 41.6, "RN50x16": 45.9, "RN50x64": 48.9, "ViT-B/32": 37.8,
        "ViT-B/16": 39.1, "ViT-L/14": 48.3, "ViT-L/14@336px": 49.5,
      ],
      linearProbe: [
        "RN50": 56.4, "RN101": 58.6, "RN50x4": 65.7, "RN50x16": 72.8, "RN50x64": 77.2, "ViT-B/32": 58.5,
        "ViT-B/16": 67.8, "ViT-L/14": 77.0, "ViT-L/14@336px": 79.9, "ResNet-50": 52.7,
      ],
      again: nil),
    PaperDataset(
      name: "sun397", title: "SUN397", metric: "accuracy", classes: 397,
      deltaToSupervised: 7.8, shotsToMatch: 3.9,
      zeroShot: [
        "RN50": 59.6, "RN101": 59.9, "RN50x4": 62.7, "RN50x16": 65.0, "RN50x64": 66.9, "ViT-B/32": 63.2,
        "ViT-B/16": 65.2, "ViT-L/14": 67.7, "ViT-L/14@336px": 68.4,
      ],
      linearProbe: [
        "RN50": 73.3, "RN101": 75.1, "RN50x4": 77.0, "RN50x16": 79.2, "RN50x64": 81.1, "ViT-B/32": 76.6,
        "ViT-B/16": 78.4, "ViT-L/14": 81.8, "ViT-L/14@336px": 82.2, "ResNet-50": 60.5,
      ],
      again: PaperDataset.Again(
        testImages: 108754, metric: "accuracy",
        scores: [
          "RN50": 59.94, "RN101": 58.03, "RN50x4": 60.89, "RN50x16": 63.91, "RN50x64": 66.61, "ViT-B/32": 62.48,
          "ViT-B/16": 64.35, "ViT-L/14": 67.56, "ViT-L/14@336px": 68.65,
        ])),
    PaperDataset(
      name: "stanford-cars", title: "Stanford Cars", metric: "accuracy", classes: 196,
      deltaToSupervised: 28.9, shotsToMatch: 6.0,
      zeroShot: [
        "RN50": 55.8, "RN101": 62.3, "RN50x4": 67.9, "RN50x16": 72.3, "RN50x64": 76.0, "ViT-B/32": 59.4,
        "ViT-B/16": 65.6, "ViT-L/14": 77.3, "ViT-L/14@336px": 78.8,
      ],
      linearProbe: [
        "RN50": 78.3, "RN101": 84.0, "RN50x4": 85.9, "RN50x16": 88.7, "RN50x64": 90.5, "ViT-B/32": 81.8,
        "ViT-B/16": 86.7, "ViT-L/14": 90.9, "ViT-L/14@336px": 91.5, "ResNet-50": 49.9,
      ],
      again: PaperDataset.Again(
        testImages: 8041, metric: "accuracy",
        scores: [
          "RN50": 54.53, "RN101": 61.0, "RN50x4": 66.73, "RN50x16": 72.86, "RN50x64": 75.81, "ViT-B/32": 59.63,
          "ViT-B/16": 64.77, "ViT-L/14": 77.88, "ViT-L/14@336px": 79.32,
        ])),
    PaperDataset(
      name: "fgvc-aircraft", title: "FGVC Aircraft", metric: "mean-per-class", classes: 100,
      deltaToSupervised: -11.3, shotsToMatch: 2.0,
      zeroShot: [
        "RN50": 19.3, "RN101": 19.5, "RN50x4": 24.6, "RN50x16": 30.3, "RN50x64": 35.6, "ViT-B/32": 21.2,
        "ViT-B/16": 27.1, "ViT-L/14": 36.1, "ViT-L/14@336px": 37.2,
      ],
      linearProbe: [
        "RN50": 49.1, "RN101": 50.7, "RN50x4": 57.3, "RN50x16": 62.7, "RN50x64": 67.7, "ViT-B/32": 52.0,
        "ViT-B/16": 59.5, "ViT-L/14": 69.4, "ViT-L/14@336px": 71.6, "ResNet-50": 48.5,
      ],
      again: PaperDataset.Again(
        testImages: 3333, metric: "mean-per-class",
        scores: [
          "RN50": 17.03, "RN101": 18.53, "RN50x4": 21.02, "RN50x16": 27.83, "RN50x64": 31.03, "ViT-B/32": 19.53,
          "ViT-B/16": 24.21, "ViT-L/14": 31.81, "ViT-L/14@336px": 33.46,
        ])),
    PaperDataset(
      name: "voc2007", title: "Pascal VOC 2007 Classification", metric: "map-11", classes: 20,
      deltaToSupervised: 0.5, shotsToMatch: nil,
      zeroShot: [
        "RN50": 82.1, "RN101": 82.4, "RN50x4": 83.0, "RN50x16": 82.9, "RN50x64": 83.8, "ViT-B/32": 83.1,
        "ViT-B/16": 83.9, "ViT-L/14": 84.1, "ViT-L/14@336px": 84.3,
      ],
      linearProbe: [
        "RN50": 87.1, "RN101": 88.0, "RN50x4": 88.4, "RN50x16": 89.0, "RN50x64": 88.9, "ViT-B/32": 87.7,
        "ViT-B/16": 89.2, "ViT-L/14": 89.6, "ViT-L/14@336px": 89.9, "ResNet-50": 83.8,
      ],
      again: PaperDataset.Again(
        testImages: 14976, metric: "accuracy",
        scores: [
          "RN50": 65.1, "RN101": 65.12, "RN50x4": 68.14, "RN50x16": 68.0, "RN50x64": 73.98, "ViT-B/32": 76.4,
          "ViT-B/16": 78.31, "ViT-L/14": 78.28, "ViT-L/14@336px": 78.15,
        ])),
    PaperDataset(
      name: "dtd", title: "Describable Textures", metric: "accuracy", classes: 47,
      deltaToSupervised: -16.6, shotsToMatch: 2.6,
      zeroShot: [
        "RN50": 41.7, "RN101": 43.9, "RN50x4": 49.3, "RN50x16": 52.8, "RN50x64": 53.4, "ViT-B/32": 44.5,
        "ViT-B/16": 46.0, "ViT-L/14": 55.3, "ViT-L/14@336px": 55.7,
      ],
      linearProbe: [
        "RN50": 76.4, "RN101": 76.3, "RN50x4": 79.5, "RN50x16": 79.1, "RN50x64": 82.0, "ViT-B/32": 76.5,
        "ViT-B/16": 79.2, "ViT-L/14": 82.1, "ViT-L/14@336px": 83.0, "ResNet-50": 72.3,
      ],
      again: PaperDataset.Again(
        testImages: 1880, metric: "accuracy",
        scores: [
          "RN50": 41.54, "RN101": 43.35, "RN50x4": 48.62, "RN50x16": 52.66, "RN50x64": 53.14, "ViT-B/32": 44.36,
          "ViT-B/16": 44.95, "ViT-L/14": 55.37, "ViT-L/14@336px": 55.59,
        ])),
    PaperDataset(
      name: "oxford-pets", title: "Oxford-IIIT Pets", metric: "mean-per-class", classes: 37,
      deltaToSupervised: 1.1, shotsToMatch: 48,
      zeroShot: [
        "RN50": 85.4, "RN101": 86.2, "RN50x4": 88.1, "RN50x16": 89.7, "RN50x64": 93.4, "ViT-B/32": 87.0,
        "ViT-B/16": 88.9, "ViT-L/14": 93.5, "ViT-L/14@336px": 93.5,
      ],
      linearProbe: [
        "RN50": 88.2, "RN101": 91.0, "RN50x4": 91.9, "RN50x16": 93.5, "RN50x64": 94.5, "ViT-B/32": 90.0,
        "ViT-B/16": 93.1, "ViT-L/14": 95.1, "ViT-L/14@336px": 95.1, "ResNet-50": 92.4,
      ],
      again: PaperDataset.Again(
        testImages: 3669, metric: "mean-per-class",
        scores: [
          "RN50": 85.29, "RN101": 86.52, "RN50x4": 88.29, "RN50x16": 89.56, "RN50x64": 93.6, "ViT-B/32": 87.0,
          "ViT-B/16": 88.86, "ViT-L/14": 93.23, "ViT-L/14@336px": 93.69,
        ])),
    PaperDataset(
      name: "caltech101", title: "Caltech-101", metric: "mean-per-class", classes: 102,
      deltaToSupervised: 2.0, shotsToMatch: 3.5,
      zeroShot: [
        "RN50": 82.1, "RN101": 85.1, "RN50x4": 86.0, "RN50x16": 87.6, "RN50x64": 90.6, "ViT-B/32": 87.9,
        "ViT-B/16": 89.3, "ViT-L/14": 92.6, "ViT-L/14@336px": 92.8,
      ],
      linearProbe: [
        "RN50": 89.6, "RN101": 92.0, "RN50x4": 92.5, "RN50x16": 93.7, "RN50x64": 95.4, "ViT-B/32": 93.0,
        "ViT-B/16": 94.7, "ViT-L/14": 96.5, "ViT-L/14@336px": 96.0, "ResNet-50": 90.8,
      ],
      again: PaperDataset.Again(
        testImages: 6085, metric: "mean-per-class",
        scores: [
          "RN50": 83.29, "RN101": 85.27, "RN50x4": 86.61, "RN50x16": 88.56, "RN50x64": 90.26, "ViT-B/32": 87.58,
          "ViT-B/16": 89.01, "ViT-L/14": 92.49, "ViT-L/14@336px": 92.25,
        ])),
    PaperDataset(
      name: "flowers102", title: "Oxford Flowers 102", metric: "mean-per-class", classes: 102,
      deltaToSupervised: -12.5, shotsToMatch: 0.9,
      zeroShot: [
        "RN50": 65.9, "RN101": 65.7, "RN50x4": 68.0, "RN50x16": 71.9, "RN50x64": 77.3, "ViT-B/32": 66.7,
        "ViT-B/16": 70.4, "ViT-L/14": 78.7, "ViT-L/14@336px": 78.3,
      ],
      linearProbe: [
        "RN50": 96.1, "RN101": 96.4, "RN50x4": 97.8, "RN50x16": 98.3, "RN50x64": 98.9, "ViT-B/32": 96.9,
        "ViT-B/16": 98.1, "ViT-L/14": 99.2, "ViT-L/14@336px": 99.2, "ResNet-50": 90.8,
      ],
      again: PaperDataset.Again(
        testImages: 6149, metric: "mean-per-class",
        scores: [
          "RN50": 65.22, "RN101": 65.32, "RN50x4": 67.66, "RN50x16": 71.88, "RN50x64": 77.45, "ViT-B/32": 66.7,
          "ViT-B/16": 69.07, "ViT-L/14": 79.23, "ViT-L/14@336px": 78.52,
        ])),
    PaperDataset(
      name: "mnist", title: "MNIST", metric: "accuracy", classes: 10,
      deltaToSupervised: -10.0, shotsToMatch: 4.8,
      zeroShot: [
        "RN50": 66.6, "RN101": 59.3, "RN50x4": 75.2, "RN50x16": 80.0, "RN50x64": 90.8, "ViT-B/32": 51.9,
        "ViT-B/16": 56.0, "ViT-L/14": 87.2, "ViT-L/14@336px": 88.3,
      ],
      linearProbe: [
        "RN50": 98.3, "RN101": 98.4, "RN50x4": 98.5, "RN50x16": 98.9, "RN50x64": 98.9, "ViT-B/32": 99.0,
        "ViT-B/16": 99.0, "ViT-L/14": 99.2, "ViT-L/14@336px": 99.2, "ResNet-50": 98.3,
      ],
      again: PaperDataset.Again(
        testImages: 10000, metric: "accuracy",
        scores: [
          "RN50": 57.55, "RN101": 52.54, "RN50x4": 49.03, "RN50x16": 67.98, "RN50x64": 85.83, "ViT-B/32": 48.39,
          "ViT-B/16": 51.35, "ViT-L/14": 76.34, "ViT-L/14@336px": 79.16,
        ])),
    PaperDataset(
      name: "fer2013", title: "Facial Emotion Recognition 2013", metric: "accuracy", classes: 7,
      deltaToSupervised: 2.8, shotsToMatch: 184,
      zeroShot: [
        "RN50": 42.2, "RN101": 45.6, "RN50x4": 51.1, "RN50x16": 56.0, "RN50x64": 61.0, "ViT-B/32": 47.3,
        "ViT-B/16": 52.7, "ViT-L/14": 57.5, "ViT-L/14@336px": 57.7,
      ],
      linearProbe: [
        "RN50": 64.2, "RN101": 65.2, "RN50x4": 68.1, "RN50x16": 68.7, "RN50x64": 71.3, "ViT-B/32": 69.2,
        "ViT-B/16": 69.5, "ViT-L/14": 72.2, "ViT-L/14@336px": 72.9, "ResNet-50": 54.9,
      ],
      again: nil),
    PaperDataset(
      name: "stl10", title: "STL-10", metric: "accuracy", classes: 10,
      deltaToSupervised: 3.0, shotsToMatch: 12.7,
      zeroShot: [
        "RN50": 94.3, "RN101": 96.7, "RN50x4": 96.4, "RN50x16": 97.8, "RN50x64": 98.3, "ViT-B/32": 97.2,
        "ViT-B/16": 98.2, "ViT-L/14": 99.3, "ViT-L/14@336px": 99.4,
      ],
      linearProbe: [
        "RN50": 96.6, "RN101": 97.8, "RN50x4": 97.8, "RN50x16": 98.6, "RN50x64": 99.1, "ViT-B/32": 98.3,
        "ViT-B/16": 99.0, "ViT-L/14": 99.7, "ViT-L/14@336px": 99.7, "ResNet-50": 96.4,
      ],
      again: PaperDataset.Again(
        testImages: 8000, metric: "accuracy",
        scores: [
          "RN50": 94.19, "RN101": 96.8, "RN50x4": 96.58, "RN50x16": 97.75, "RN50x64": 98.29, "ViT-B/32": 97.13,
          "ViT-B/16": 98.25, "ViT-L/14": 99.36, "ViT-L/14@336px": 99.43,
        ])),
    PaperDataset(
      name: "eurosat", title: "EuroSAT", metric: "accuracy", classes: 10,
      deltaToSupervised: -37.1, shotsToMatch: 0.9,
      zeroShot: [
        "RN50": 41.1, "RN101": 33.1, "RN50x4": 35.0, "RN50x16": 40.3, "RN50x64": 59.4, "ViT-B/32": 49.4,
        "ViT-B/16": 54.1, "ViT-L/14": 59.9, "ViT-L/14@336px": 59.6,
      ],
      linearProbe: [
        "RN50": 95.2, "RN101": 95.9, "RN50x4": 96.4, "RN50x16": 97.0, "RN50x64": 97.1, "ViT-B/32": 97.0,
        "ViT-B/16": 97.1, "ViT-L/14": 98.2, "ViT-L/14@336px": 98.1, "ResNet-50": 96.7,
      ],
      again: PaperDataset.Again(
        testImages: 5400, metric: "accuracy",
        scores: [
          "RN50": 40.81, "RN101": 31.31, "RN50x4": 33.54, "RN50x16": 43.28, "RN50x64": 57.65, "ViT-B/32": 50.44,
          "ViT-B/16": 55.94, "ViT-L/14": 62.63, "ViT-L/14@336px": 61.44,
        ])),
    PaperDataset(
      name: "resisc45", title: "RESISC45", metric: "accuracy", classes: 45,
      deltaToSupervised: -11.9, shotsToMatch: 1.5,
      zeroShot: [
        "RN50": 54.2, "RN101": 58.5, "RN50x4": 59.2, "RN50x16": 64.4, "RN50x64": 69.7, "ViT-B/32": 60.3,
        "ViT-B/16": 65.5, "ViT-L/14": 71.6, "ViT-L/14@336px": 71.7,
      ],
      linearProbe: [
        "RN50": 87.5, "RN101": 89.3, "RN50x4": 89.7, "RN50x16": 91.4, "RN50x64": 92.8, "ViT-B/32": 90.5,
        "ViT-B/16": 92.7, "ViT-L/14": 94.1, "ViT-L/14@336px": 94.9, "ResNet-50": 83.6,
      ],
      again: PaperDataset.Again(
        testImages: 6300, metric: "accuracy",
        scores: [
          "RN50": 45.21, "RN101": 54.76, "RN50x4": 53.38, "RN50x16": 58.83, "RN50x64": 62.65, "ViT-B/32": 53.62,
          "ViT-B/16": 58.22, "ViT-L/14": 63.37, "ViT-L/14@336px": 63.79,
        ])),
    PaperDataset(
      name: "gtsrb", title: "GTSRB", metric: "accuracy", classes: 43,
      deltaToSupervised: -18.4, shotsToMatch: 1.6,
      zeroShot: [
        "RN50": 35.2, "RN101": 38.3, "RN50x4": 35.7, "RN50x16": 39.6, "RN50x64": 47.9, "ViT-B/32": 32.2,
        "ViT-B/16": 43.3, "ViT-L/14": 50.3, "ViT-L/14@336px": 52.3,
      ],
      linearProbe: [
        "RN50": 82.4, "RN101": 82.4, "RN50x4": 85.5, "RN50x16": 89.0, "RN50x64": 90.2, "ViT-B/32": 85.3,
        "ViT-B/16": 86.6, "ViT-L/14": 92.5, "ViT-L/14@336px": 92.4, "ResNet-50": 70.6,
      ],
      again: PaperDataset.Again(
        testImages: 12630, metric: "accuracy",
        scores: [
          "RN50": 35.1, "RN101": 37.53, "RN50x4": 36.22, "RN50x16": 39.84, "RN50x64": 47.92, "ViT-B/32": 32.58,
          "ViT-B/16": 43.39, "ViT-L/14": 50.55, "ViT-L/14@336px": 52.39,
        ])),
    PaperDataset(
      name: "kitti", title: "KITTI", metric: "accuracy", classes: 4,
      deltaToSupervised: -34.0, shotsToMatch: 2.9,
      zeroShot: [
        "RN50": 42.2, "RN101": 33.3, "RN50x4": 26.0, "RN50x16": 33.9, "RN50x64": 33.2, "ViT-B/32": 39.4,
        "ViT-B/16": 44.0, "ViT-L/14": 23.1, "ViT-L/14@336px": 21.9,
      ],
      linearProbe: [
        "RN50": 70.2, "RN101": 73.6, "RN50x4": 59.4, "RN50x16": 69.2, "RN50x64": 69.2, "ViT-B/32": 66.2,
        "ViT-B/16": 67.8, "ViT-L/14": 64.7, "ViT-L/14@336px": 69.2, "ResNet-50": 67.1,
      ],
      again: PaperDataset.Again(
        testImages: 711, metric: "accuracy",
        scores: [
          "RN50": 17.3, "RN101": 26.44, "RN50x4": 23.35, "RN50x16": 23.07, "RN50x64": 30.94, "ViT-B/32": 27.43,
          "ViT-B/16": 26.44, "ViT-L/14": 21.8, "ViT-L/14@336px": 26.16,
        ])),
    PaperDataset(
      name: "country211", title: "Country211", metric: "accuracy", classes: 211,
      deltaToSupervised: 23.2, shotsToMatch: 32,
      zeroShot: [
        "RN50": 16.1, "RN101": 16.9, "RN50x4": 20.2, "RN50x16": 24.0, "RN50x64": 29.6, "ViT-B/32": 17.8,
        "ViT-B/16": 23.3, "ViT-L/14": 32.7, "ViT-L/14@336px": 34.9,
      ],
      linearProbe: [
        "RN50": 25.3, "RN101": 26.6, "RN50x4": 30.3, "RN50x16": 34.8, "RN50x64": 40.7, "ViT-B/32": 27.8,
        "ViT-B/16": 33.3, "ViT-L/14": 42.9, "ViT-L/14@336px": 46.4, "ResNet-50": 11.7,
      ],
      again: PaperDataset.Again(
        testImages: 21100, metric: "accuracy",
        scores: [
          "RN50": 15.42, "RN101": 16.93, "RN50x4": 20.39, "RN50x16": 24.37, "RN50x64": 29.81, "ViT-B/32": 17.2,
          "ViT-B/16": 22.82, "ViT-L/14": 31.87, "ViT-L/14@336px": 34.45,
        ])),
    PaperDataset(
      name: "pcam", title: "PatchCamelyon", metric: "accuracy", classes: 2,
      deltaToSupervised: -19.5, shotsToMatch: 14.7,
      zeroShot: [
        "RN50": 57.6, "RN101": 55.2, "RN50x4": 57.5, "RN50x16": 62.5, "RN50x64": 65.0, "ViT-B/32": 58.4,
        "ViT-B/16": 48.1, "ViT-L/14": 58.8, "ViT-L/14@336px": 63.0,
      ],
      linearProbe: [
        "RN50": 82.7, "RN101": 82.8, "RN50x4": 83.0, "RN50x16": 83.5, "RN50x64": 83.7, "ViT-B/32": 83.9,
        "ViT-B/16": 83.5, "ViT-L/14": 85.8, "ViT-L/14@336px": 85.6, "ResNet-50": 82.5,
      ],
      again: PaperDataset.Again(
        testImages: 32768, metric: "accuracy",
        scores: [
          "RN50": 63.93, "RN101": 58.19, "RN50x4": 56.75, "RN50x16": 62.49, "RN50x64": 53.87, "ViT-B/32": 62.24,
          "ViT-B/16": 50.72, "ViT-L/14": 52.04, "ViT-L/14@336px": 60.73,
        ])),
    PaperDataset(
      name: "ucf101", title: "UCF101", metric: "accuracy", classes: 101,
      deltaToSupervised: 7.7, shotsToMatch: 2.9,
      zeroShot: [
        "RN50": 63.6, "RN101": 62.2, "RN50x4": 65.5, "RN50x16": 68.7, "RN50x64": 74.1, "ViT-B/32": 64.5,
        "ViT-B/16": 69.8, "ViT-L/14": 76.2, "ViT-L/14@336px": 76.9,
      ],
      linearProbe: [
        "RN50": 81.6, "RN101": 84.0, "RN50x4": 85.7, "RN50x16": 88.0, "RN50x64": 89.5, "ViT-B/32": 85.5,
        "ViT-B/16": 88.4, "ViT-L/14": 91.5, "ViT-L/14@336px": 92.0, "ResNet-50": 71.2,
      ],
      again: nil),
    PaperDataset(
      name: "kinetics700", title: "Kinetics700", metric: "mean-top1-top5", classes: 700,
      deltaToSupervised: 14.5, shotsToMatch: 13.6,
      zeroShot: [
        "RN50": 43.5, "RN101": 46.7, "RN50x4": 49.0, "RN50x16": 53.4, "RN50x64": 56.8, "ViT-B/32": 47.8,
        "ViT-B/16": 52.4, "ViT-L/14": 60.3, "ViT-L/14@336px": 61.3,
      ],
      linearProbe: [
        "RN50": 57.2, "RN101": 60.3, "RN50x4": 62.6, "RN50x16": 66.3, "RN50x64": 69.1, "ViT-B/32": 61.7,
        "ViT-B/16": 66.1, "ViT-L/14": 72.0, "ViT-L/14@336px": 73.0, "ResNet-50": 46.8,
      ],
      again: nil),
    PaperDataset(
      name: "clevr-counts", title: "CLEVR Counts", metric: "accuracy", classes: 8,
      deltaToSupervised: -18.2, shotsToMatch: 1.5,
      zeroShot: [
        "RN50": 20.3, "RN101": 28.1, "RN50x4": 17.0, "RN50x16": 17.6, "RN50x64": 27.5, "ViT-B/32": 24.8,
        "ViT-B/16": 23.4, "ViT-L/14": 24.3, "ViT-L/14@336px": 24.8,
      ],
      linearProbe: [
        "RN50": 53.6, "RN101": 50.3, "RN50x4": 52.5, "RN50x16": 53.8, "RN50x64": 55.0, "ViT-B/32": 52.1,
        "ViT-B/16": 57.1, "ViT-L/14": 57.8, "ViT-L/14@336px": 60.3, "ResNet-50": 43.0,
      ],
      again: PaperDataset.Again(
        testImages: 15000, metric: "accuracy",
        scores: [
          "RN50": 21.71, "RN101": 24.37, "RN50x4": 20.45, "RN50x16": 19.53, "RN50x64": 22.54, "ViT-B/32": 23.2,
          "ViT-B/16": 21.23, "ViT-L/14": 19.43, "ViT-L/14@336px": 20.03,
        ])),
    PaperDataset(
      name: "hateful-memes", title: "Hateful Memes", metric: "roc-auc", classes: 2,
      deltaToSupervised: 6.7, shotsToMatch: 9.8,
      zeroShot: [
        "RN50": 59.7, "RN101": 61.1, "RN50x4": 58.3, "RN50x16": 58.9, "RN50x64": 62.1, "ViT-B/32": 57.6,
        "ViT-B/16": 61.7, "ViT-L/14": 63.3, "ViT-L/14@336px": 63.3,
      ],
      linearProbe: [
        "RN50": 65.7, "RN101": 68.2, "RN50x4": 68.0, "RN50x16": 71.1, "RN50x64": 75.0, "ViT-B/32": 66.7,
        "ViT-B/16": 70.3, "ViT-L/14": 76.2, "ViT-L/14@336px": 77.3, "ResNet-50": 56.5,
      ],
      again: nil),
    PaperDataset(
      name: "rendered-sst2", title: "Rendered SST2", metric: "accuracy", classes: 2,
      deltaToSupervised: 12.4, shotsToMatch: 14.4,
      zeroShot: [
        "RN50": 56.9, "RN101": 64.2, "RN50x4": 66.6, "RN50x16": 67.6, "RN50x64": 70.7, "ViT-B/32": 59.6,
        "ViT-B/16": 59.8, "ViT-L/14": 64.0, "ViT-L/14@336px": 67.9,
      ],
      linearProbe: [
        "RN50": 72.6, "RN101": 73.3, "RN50x4": 76.6, "RN50x16": 80.0, "RN50x64": 81.2, "ViT-B/32": 70.8,
        "ViT-B/16": 75.5, "ViT-L/14": 80.8, "ViT-L/14@336px": 80.5, "ResNet-50": 55.5,
      ],
      again: PaperDataset.Again(
        testImages: 1821, metric: "accuracy",
        scores: [
          "RN50": 56.45, "RN101": 64.03, "RN50x4": 67.16, "RN50x16": 67.71, "RN50x64": 71.06, "ViT-B/32": 58.65,
          "ViT-B/16": 60.68, "ViT-L/14": 68.81, "ViT-L/14@336px": 70.57,
        ])),
    PaperDataset(
      name: "imagenet", title: "ImageNet", metric: "accuracy", classes: 1000,
      deltaToSupervised: 1.9, shotsToMatch: 16.0,
      zeroShot: [
        "RN50": 59.6, "RN101": 62.2, "RN50x4": 65.8, "RN50x16": 70.5, "RN50x64": 73.6, "ViT-B/32": 63.2,
        "ViT-B/16": 68.6, "ViT-L/14": 75.3, "ViT-L/14@336px": 76.2,
      ],
      linearProbe: [
        "RN50": 73.3, "RN101": 75.7, "RN50x4": 78.2, "RN50x16": 81.5, "RN50x64": 83.6, "ViT-B/32": 76.1,
        "ViT-B/16": 80.2, "ViT-L/14": 83.9, "ViT-L/14@336px": 85.4, "ResNet-50": 74.3,
      ],
      again: PaperDataset.Again(
        testImages: 50000, metric: "accuracy",
        scores: [
          "RN50": 59.82, "RN101": 62.28, "RN50x4": 66.27, "RN50x16": 70.72, "RN50x64": 73.91, "ViT-B/32": 63.32,
          "ViT-B/16": 68.34, "ViT-L/14": 75.54, "ViT-L/14@336px": 76.56,
        ])),
  ]

  static let fewShotTable: [(shots: Int, scores: [String: Double])] = [
    (1, ["CLIP": 44.6, "BiT-M": 39.7, "SimCLRv2": 32.0, "ResNet-50": 31.8]),
    (2, ["CLIP": 54.1, "BiT-M": 46.7, "SimCLRv2": 39.8, "ResNet-50": 39.0]),
    (4, ["CLIP": 62.3, "BiT-M": 53.9, "SimCLRv2": 48.5, "ResNet-50": 44.7]),
    (8, ["CLIP": 66.4, "BiT-M": 58.5, "SimCLRv2": 54.3, "ResNet-50": 49.6]),
    (16, ["CLIP": 71.5, "BiT-M": 62.9, "SimCLRv2": 59.6, "ResNet-50": 54.3]),
  ]
}
