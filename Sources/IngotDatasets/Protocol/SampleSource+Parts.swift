// SPDX-License-Identifier: Apache-2.0

/// Some samples of others, in an order of their own.
public struct SampleSubset: SampleSource {
  private let base: any SampleSource
  private let indices: [Int32]

  /// Takes the samples at `indices`, each within `base`.
  ///
  /// - Parameters:
  ///   - base: where the samples are.
  ///   - indices: which of them, in this order.
  public init(_ base: any SampleSource, _ indices: some Sequence<Int>) {
    self.base = base
    self.indices = indices.map { index in
      precondition(index >= 0 && index < base.count, "a subset lies within its base")
      return Int32(index)
    }
  }

  /// How many samples.
  public var count: Int { indices.count }
  /// What the dataset calls a picture.
  public func name(at index: Int) -> String { base.name(at: Int(indices[index])) }
  /// What a picture shows.
  public func label(at index: Int) -> SampleLabel { base.label(at: Int(indices[index])) }
  /// A picture.
  public func image(at index: Int) throws -> SampleImage { try base.image(at: Int(indices[index])) }
}

/// Samples of several sources, one source after the other.
public struct SampleSequence: SampleSource {
  private let parts: [any SampleSource]
  private let ends: [Int]

  /// Puts sources one after the other.
  public init(_ parts: [any SampleSource]) {
    self.parts = parts
    var ends: [Int] = []
    for part in parts { ends.append((ends.last ?? 0) + part.count) }
    self.ends = ends
  }

  /// How many samples.
  public var count: Int { ends.last ?? 0 }
  /// What the dataset calls a picture.
  public func name(at index: Int) -> String { at(index) { $0.name(at: $1) } }
  /// What a picture shows.
  public func label(at index: Int) -> SampleLabel { at(index) { $0.label(at: $1) } }
  /// A picture.
  public func image(at index: Int) throws -> SampleImage { try at(index) { try $0.image(at: $1) } }

  private func at<R>(_ index: Int, _ body: (any SampleSource, Int) throws -> R) rethrows -> R {
    precondition(index >= 0 && index < count, "a sample of these")
    let part = ends.firstIndex { index < $0 } ?? 0
    return try body(parts[part], index - (part == 0 ? 0 : ends[part - 1]))
  }
}
