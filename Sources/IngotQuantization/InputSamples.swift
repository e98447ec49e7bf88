// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Some of the rows that enter products, evenly spread over all, and the largest magnitude of each input over all.
public final class InputSamples: ProductObserver {
  private struct Sample {
    let columns: Int
    var seen = 0
    /// Every so many rows are kept; doubled whenever there are too many.
    var stride = 1
    var rows: [Float] = []
    var largest: [Float]
  }

  /// Rows kept of a product, at most.
  public static let mostRows = 512

  private let names: Set<String>
  private let samples = Guarded<[String: Sample]>([:])

  /// Nothing seen yet.
  ///
  /// - Parameter names: of the weights whose inputs are kept.
  public init(of names: Set<String>) { self.names = names }

  /// Looks at some rows.
  public func observe<R: Real>(_ rows: Matrix<R>, meeting name: String) {
    guard names.contains(name) else { return }
    let columns = rows.columns
    let values = R.single(rows.values)
    samples.withLock { samples in
      var sample =
        samples.removeValue(forKey: name) ?? Sample(columns: columns, largest: [Float](repeating: 0, count: columns))
      precondition(sample.columns == columns, "a tensor's products have one number of inputs")
      for row in 0..<rows.rows {
        let place = row * columns
        for column in 0..<columns {
          sample.largest[column] = max(sample.largest[column], values[place + column].magnitude)
        }
        if sample.seen % sample.stride == 0 { sample.rows += values[place..<place + columns] }
        sample.seen += 1
        if sample.rows.count > Self.mostRows * columns { Self.thin(&sample) }
      }
      samples[name] = sample
    }
  }

  /// Keeps every other row.
  private static func thin(_ sample: inout Sample) {
    let columns = sample.columns
    var kept: [Float] = []
    for row in stride(from: 0, to: sample.rows.count / columns, by: 2) {
      kept += sample.rows[row * columns..<(row + 1) * columns]
    }
    sample.rows = kept
    sample.stride *= 2
  }

  /// What was kept of a product's inputs.
  ///
  /// - Parameter name: of the weights.
  /// - Returns: rows, and the largest magnitude of each input; `nil` where the weights met nothing.
  public func inputs(of name: String) -> (rows: Matrix<Float>, largest: [Float])? {
    samples.withLock { samples in
      guard let sample = samples[name], sample.columns > 0 else { return nil }
      return (
        Matrix(values: sample.rows, rows: sample.rows.count / sample.columns, columns: sample.columns), sample.largest
      )
    }
  }
}
