// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotStatistics

/// What becomes of a class that has fewer rows than a draw needs.
public enum ShortClassPolicy: String, Sendable, Hashable, Codable, CaseIterable {
  /// It ends the run.
  case stop
  /// All its rows are taken; a class without any is left out of the classifier, which never guesses it.
  case fewer
}

/// Which validation rows choose the penalty of a few-shot probe.
public enum ShotValidation: String, Sendable, Hashable, Codable, CaseIterable {
  /// All validation rows, as the paper does it: then the few shots are not all that is known.
  case full
  /// As many rows of each class as there are shots, at most four, which no draw of the same seed trains on.
  case shots
}

/// The order in which the rows of each class are drawn: k shots are its first k rows, so that fewer shots are a part of more.
public struct ShotDraw: Sendable, Hashable {
  /// Rows of each class, in the order drawn.
  let order: [[Int]]
  /// The largest number of shots: validation rows come after them.
  let most: Int
  private let title: String

  /// Validation rows of each class, at most.
  static let mostValidation = 4

  /// Shuffles the rows of each class.
  ///
  /// - Parameters:
  ///   - table: rows of one class each.
  ///   - most: the largest number of shots that will be asked for.
  ///   - seed: of the drawing; the draws of a run have consecutive ones.
  /// - Throws: `unsupported` for rows that show several classes.
  public init(_ table: FeatureTable, most: Int, seed: UInt64) throws(CheckpointError) {
    guard !table.labels.isMultiLabel else {
      throw CheckpointError(
        .unsupported, .evaluation, subject: table.title, "shots of a class need rows of one class each")
    }
    var random = SplitMix64(seed: seed)
    var byClass = [[Int]](repeating: [], count: table.labels.classes)
    for (row, label) in table.labels.values.enumerated() where label >= 0 { byClass[Int(label)].append(row) }
    order = byClass.map { $0.shuffled(using: &random) }
    self.most = most
    title = table.title
  }

  /// The rows of a draw.
  ///
  /// - Parameters:
  ///   - shots: how many of each class, at least 1.
  ///   - policy: what becomes of classes with fewer.
  /// - Returns: rows, class by class.
  /// - Throws: `missing` naming all classes that have too few.
  public func training(shots: Int, _ policy: ShortClassPolicy) throws(CheckpointError) -> [Int] {
    if policy == .stop { try require(shots, "for \(shots) shots") }
    return order.flatMap { $0.prefix(shots) }
  }

  /// The validation rows of a draw: min(shots, 4) of each class, after those that any number of shots trains on.
  ///
  /// - Parameters:
  ///   - shots: how many shots are trained on.
  ///   - policy: what becomes of classes with fewer.
  /// - Returns: rows, class by class.
  /// - Throws: `missing` naming all classes that have too few.
  public func validation(shots: Int, _ policy: ShortClassPolicy) throws(CheckpointError) -> [Int] {
    let count = min(shots, Self.mostValidation)
    if policy == .stop { try require(most + count, "for \(most) shots and \(count) validation rows") }
    return order.flatMap { $0.dropFirst(most).prefix(count) }
  }

  private func require(_ count: Int, _ purpose: String) throws(CheckpointError) {
    let short = order.indices.filter { order[$0].count < count }
    guard let first = short.first else { return }
    let names = short.prefix(8).map(String.init).joined(separator: ", ") + (short.count > 8 ? ", …" : "")
    throw CheckpointError(
      .missing, .evaluation, subject: title,
      "\(short.count) classes have too few rows \(purpose) (\(names)); class \(first) has \(order[first].count)")
  }
}
