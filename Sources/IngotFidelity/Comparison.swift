// SPDX-License-Identifier: Apache-2.0

import Glibc
import IngotStatistics
import IngotTensor

extension FidelityReport.Embeddings {
  /// Compares unit embeddings row by row.
  init(_ found: Matrix<Float>, _ reference: Matrix<Float>) {
    self.init(minCosine: 1, maxAbs: 0, worstIndex: 0)
    for row in 0..<found.rows {
      let (a, b) = (found.row(row), reference.row(row))
      minCosine = Swift.min(minCosine, cosine(a, b))
      for (x, y) in zip(a, b) where abs(Double(x) - Double(y)) > maxAbs {
        maxAbs = abs(Double(x) - Double(y))
        worstIndex = row
      }
    }
  }
}

extension FidelityReport.Logits {
  /// Compares logits image by image.
  init(_ found: Matrix<Float>, _ reference: Matrix<Float>) {
    self.init(
      maxAbs: 0, maxRel: 0, meanAbs: 0, minCosine: 1, top1Agreement: 0, klMean: 0, worstImage: 0, worstText: 0)
    var sum = 0.0
    var agreed = 0
    var largest = 0.0
    for row in 0..<found.rows {
      let (a, b) = (Array(found.row(row)), Array(reference.row(row)))
      minCosine = Swift.min(minCosine, cosine(a[...], b[...]))
      for column in a.indices {
        let difference = abs(Double(a[column]) - Double(b[column]))
        sum += difference
        largest = Swift.max(largest, Double(abs(b[column])))
        if difference > maxAbs { (maxAbs, worstImage, worstText) = (difference, row, column) }
      }
      if best(a) == best(b) { agreed += 1 }
      klMean += divergence(of: a, from: b)
    }
    let count = Swift.max(1, found.values.count)
    meanAbs = sum / Double(count)
    maxRel = largest > 0 ? maxAbs / largest : maxAbs
    top1Agreement = Double(agreed) / Double(Swift.max(1, found.rows))
    klMean /= Double(Swift.max(1, found.rows))
  }
}

private func best(_ values: [Float]) -> Int? {
  values.indices.max { values[$0] < values[$1] }
}

/// Σ p ln(p / q) for the softmaxes p of the reference and q of what was found.
private func divergence(of found: [Float], from reference: [Float]) -> Double {
  func logSoftmax(_ values: [Float]) -> [Double] {
    let top = Double(values.max() ?? 0)
    let total = values.reduce(0) { $0 + exp(Double($1) - top) }
    return values.map { Double($0) - top - log(total) }
  }
  let (p, q) = (logSoftmax(reference), logSoftmax(found))
  return zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
}
