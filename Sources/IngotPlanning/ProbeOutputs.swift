// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotQuantization
import IngotStatistics
import IngotTensor

/// Unit embeddings of probes.
struct ProbeOutputs: Sendable {
  /// `[images, width]`; no rows where there are no images or no image tower.
  var images: Matrix<Float>
  /// `[texts, width]`; no rows where there are no texts or no text tower.
  var texts: Matrix<Float>
  /// Between cosines and logits; 1 for a tower alone.
  let scale: Double

  /// Runs one tower or both.
  init(
    _ encoder: CLIPEncoder<Float>, _ probes: CalibrationSet, towers: Set<Tower> = Set(Tower.allCases),
    _ compute: Compute
  ) throws {
    let width = encoder.configuration.embeddingWidth
    images = Matrix(rows: 0, columns: width)
    texts = Matrix(rows: 0, columns: width)
    scale = Double(encoder.logitScale)
    if towers.contains(.vision), encoder.configuration.vision != nil, probes.imageCount > 0 {
      images = try encoder.embedImages(probes.pixels, count: probes.imageCount, compute)
    }
    if towers.contains(.text), encoder.configuration.text != nil, !probes.texts.isEmpty {
      texts = try encoder.fitted(to: probes.texts).embedTexts(probes.texts, compute)
    }
  }

  /// The embeddings that a tower gave.
  subscript(_ tower: Tower) -> Matrix<Float> {
    get { tower == .vision ? images : texts }
    set { if tower == .vision { images = newValue } else { texts = newValue } }
  }

  /// Whether errors are measured in logits; else in embeddings.
  var hasLogits: Bool { images.rows > 0 && texts.rows > 0 }

  /// Logits `[images, texts]`, without the bias that all have.
  func logits(_ compute: Compute) throws -> Matrix<Float> {
    var logits = Matrix<Float>(rows: images.rows, columns: texts.rows)
    try compute.product(
      images, WeightMatrix(rows: texts), scale: [Float](repeating: Float(scale), count: texts.rows), into: &logits)
    return logits
  }
}

/// How far outputs are from those of the model as it is.
public struct PlanError: Sendable, Hashable, Codable {
  /// Root of the mean squared error of a logit; of an embedding's coordinate where there are no logits.
  public var logits: Double
  /// Mean over images of Σ p ln(p / q), p the softmax of the model as it is.
  public var kl: Double
  /// Share of images whose best text is the same, in 0...1.
  public var top1: Double
  /// Least cosine of an embedding with that of the model as it is.
  public var minCosine: Double

  /// Compares outputs.
  init(_ found: ProbeOutputs, _ expected: ProbeOutputs, _ compute: Compute) throws {
    (logits, kl, top1, minCosine) = (0, 0, 1, 1)
    for tower in Tower.allCases {
      for row in 0..<expected[tower].rows {
        minCosine = min(minCosine, cosine(found[tower].row(row), expected[tower].row(row)))
      }
    }
    guard expected.hasLogits else {
      let pairs = Tower.allCases.flatMap { Array(zip(found[$0].values, expected[$0].values)) }
      logits = rootMeanSquare(pairs.map { Double($0) - Double($1) })
      return
    }
    let (a, b) = (try found.logits(compute), try expected.logits(compute))
    logits = rootMeanSquare(zip(a.values, b.values).map { Double($0) - Double($1) })
    var agreed = 0
    for row in 0..<a.rows {
      let (x, y) = (a.row(row).map(Double.init), b.row(row).map(Double.init))
      if best(x) == best(y) { agreed += 1 }
      kl += Divergence.kullbackLeibler(y, x) / Double(a.rows)
    }
    top1 = Double(agreed) / Double(a.rows)
  }
}

func rootMeanSquare(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
}

private func best(_ values: [Double]) -> Int? { values.indices.max { values[$0] < values[$1] } }
