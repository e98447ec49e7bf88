// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Which rows of a product's activations count.
public struct RowChoice: Sendable {
  /// Every how many rows count, by the tensor's name; 1 where it is not named.
  public var strides: [String: Int]
  /// Where rows are tokens, whether each token is needed; empty where all are.
  public var needed: [Bool]

  /// Chooses rows.
  ///
  /// - Parameters:
  ///   - strides: every how many rows count, by the tensor's name.
  ///   - needed: whether each row counts, of products with as many rows as this has elements.
  public init(strides: [String: Int] = [:], needed: [Bool] = []) {
    self.strides = strides
    self.needed = needed
  }

  /// The most rows of activations that count for a tensor, and the bytes that those of tensors met together may take.
  private static let mostRows = 16384
  private static let mostBytes = 256 << 20

  /// Of many rows every so many.
  ///
  /// - Parameters:
  ///   - tensors: that are met together, each with its rows and inputs.
  ///   - needed: whether each token is needed; empty where all are.
  public init(fitting tensors: [(name: String, rows: Int, inputs: Int)], needed: [Bool]) {
    let tokens = needed.count { $0 }
    let perRow = tensors.reduce(0) { $0 + $1.inputs } * MemoryLayout<Float>.stride
    let most = min(Self.mostRows, max(1, Self.mostBytes / max(1, perRow)))
    self.init(needed: needed)
    for tensor in tensors {
      let rows = tensor.rows == needed.count ? tokens : tensor.rows
      strides[tensor.name] = max(1, (rows + most - 1) / most)
    }
  }

  /// The rows that count among those of one call.
  func kept(of rows: Int, _ name: String) -> [Int] {
    let tokens = rows == needed.count ? (0..<rows).filter { needed[$0] } : Array(0..<rows)
    let step = strides[name] ?? 1
    return step == 1 ? tokens : stride(from: 0, to: tokens.count, by: step).map { tokens[$0] }
  }
}

/// The rows that enter some weights.
public final class InputRows: ProductObserver {
  let choice: RowChoice
  private let names: Set<String>
  private let kept = Guarded<[String: (columns: Int, values: [Float])]>([:])

  /// Nothing seen yet.
  ///
  /// - Parameters:
  ///   - names: of the tensors that are looked at.
  ///   - choice: which rows count.
  public init(of names: Set<String>, _ choice: RowChoice) {
    self.names = names
    self.choice = choice
  }

  /// Keeps some rows.
  public func observe<R: Real>(_ rows: Matrix<R>, meeting name: String) {
    guard names.contains(name) else { return }
    let columns = rows.columns
    let values = R.single(rows.values)
    kept.withLock { kept in
      var all = kept.removeValue(forKey: name)?.values ?? []
      for row in choice.kept(of: rows.rows, name) { all += values[row * columns..<(row + 1) * columns] }
      kept[name] = (columns, all)
    }
  }

  /// Some of the rows kept of a tensor, as far as there are so many.
  func rows(of name: String, _ range: Range<Int>) -> ArraySlice<Float> {
    kept.withLock { kept in
      guard let (columns, values) = kept[name] else { return [] }
      return values[min(range.lowerBound * columns, values.count)..<min(range.upperBound * columns, values.count)]
    }
  }
}

/// How many rows enter each of some weights, and in which order these are met first.
public final class InputCounts: ProductObserver {
  private let counts = Guarded<[(name: String, rows: Int, inputs: Int)]>([])

  /// Nothing seen yet.
  public init() {}

  /// Counts some rows.
  public func observe<R: Real>(_ rows: Matrix<R>, meeting name: String) {
    counts.withLock { counts in
      if let place = counts.firstIndex(where: { $0.name == name }) {
        counts[place].rows += rows.rows
      } else {
        counts.append((name, rows.rows, rows.columns))
      }
    }
  }

  /// The tensors met, each with its rows and inputs, in the order in which they were met first.
  public var all: [(name: String, rows: Int, inputs: Int)] { counts.withLock { $0 } }
}
