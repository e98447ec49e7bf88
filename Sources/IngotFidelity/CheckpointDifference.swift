// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotQuantization
public import IngotTensor

/// How two checkpoints differ, tensor by tensor, whatever containers they are in.
public struct CheckpointDifference: Sendable {
  /// How two tensors compare.
  public enum Verdict: String, Sendable, Hashable, Encodable {
    /// The same type, shape and bits.
    case exact
    /// The same shape and the same values, in another type or as other bits (NaN of another payload, zero of another sign).
    case sameValues = "same-values"
    /// The same shape, other values.
    case different
    /// Another shape.
    case shape
    /// Not in the second checkpoint.
    case onlyInFirst = "only-in-first"
    /// Not in the first checkpoint.
    case onlyInSecond = "only-in-second"
  }

  /// The two tensors of one comparison.
  public struct Pair: Sendable, Encodable {
    /// The names; `nil` where there is no tensor.
    public let first: String?
    /// See `first`.
    public let second: String?
    /// `name`, `canonical-name` or `content`: what brought the two together.
    public let matchedBy: String
    /// Types, with the encoding where it is not plain.
    public let types: [String]
    /// Shapes.
    public let shapes: [[Int]]
    /// How they compare.
    public let verdict: Verdict
    /// Numbers that differ.
    public var differing = 0
    /// Numbers in all; complex elements have two.
    public var count = 0
    /// The largest difference, its mean over all numbers that are finite in both, and the largest in units in the last place of the type with fewer digits.
    public var maxAbsolute = 0.0
    /// See `maxAbsolute`.
    public var meanAbsolute = 0.0
    /// See `maxAbsolute`.
    public var maxUnits = 0.0
    /// Where the largest difference in units is, counted in numbers, row-major; and both values there.
    public var worst: Worst?
  }

  /// One place where two tensors differ.
  public struct Worst: Sendable, Encodable {
    /// Counted in numbers, row-major.
    public let index: Int
    /// The value in the first checkpoint.
    public let first: Double
    /// The value in the second.
    public let second: Double
  }

  /// All comparisons, in the first checkpoint's order, then what is only in the second.
  public let pairs: [Pair]

  /// Whether nothing is missing and every value is the same.
  public var isSame: Bool { pairs.allSatisfy { $0.verdict == .exact || $0.verdict == .sameValues } }

  /// How many comparisons had a verdict.
  public func count(_ verdict: Verdict) -> Int { pairs.filter { $0.verdict == verdict }.count }

  /// A checkpoint to compare, with the names that its tensors have in the canonical scheme, where they are known.
  public struct Side: Sendable {
    let checkpoint: any Checkpoint
    let canonical: [String: String]

    /// Makes a side.
    ///
    /// - Parameters:
    ///   - checkpoint: what to compare.
    ///   - canonical: canonical names by the checkpoint's own names.
    public init(_ checkpoint: any Checkpoint, canonical: [String: String]) {
      self.checkpoint = checkpoint
      self.canonical = canonical
    }
  }

  /// Compares two checkpoints.
  ///
  /// - Parameters:
  ///   - first: one checkpoint.
  ///   - second: the other.
  /// - Throws: what reading a tensor throws.
  public init(_ first: Side, _ second: Side) throws {
    var pairs: [Pair] = []
    let matches = try Self.match(first, second)
    for match in matches {
      pairs.append(try Self.compare(match, first.checkpoint, second.checkpoint))
    }
    self.pairs = pairs
  }

  private struct Match {
    let first: TensorDescriptor?
    let second: TensorDescriptor?
    let by: String
  }

  /// Brings tensors together: by name, then by canonical name, then by content where that is unambiguous.
  private static func match(_ first: Side, _ second: Side) throws -> [Match] {
    var matches: [Match?] = []
    var left: [(place: Int, tensor: TensorDescriptor)] = []
    var byName = Dictionary(second.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    for tensor in first.checkpoint.tensors {
      if let other = byName.removeValue(forKey: tensor.name) {
        matches.append(Match(first: tensor, second: other, by: "name"))
      } else {
        left.append((matches.count, tensor))
        matches.append(nil)
      }
    }
    var rest = second.checkpoint.tensors.filter { byName[$0.name] != nil }
    /// The keys that only one tensor has.
    func unique<Key: Hashable>(_ tensors: [TensorDescriptor], _ key: (TensorDescriptor) throws -> Key?) rethrows
      -> [Key: TensorDescriptor]
    {
      var found: [Key: TensorDescriptor?] = [:]
      for tensor in tensors {
        guard let key = try key(tensor) else { continue }
        found[key] = found[key] == nil ? tensor : .some(nil)
      }
      return found.compactMapValues { $0 }
    }
    func bring<Key: Hashable>(
      _ by: String, _ keyOfFirst: (TensorDescriptor) throws -> Key?, _ keyOfSecond: (TensorDescriptor) throws -> Key?
    ) rethrows {
      guard !left.isEmpty, !rest.isEmpty else { return }
      let firsts = try unique(left.map(\.tensor), keyOfFirst)
      let seconds = try unique(rest, keyOfSecond)
      let names = Dictionary(uniqueKeysWithValues: firsts.map { ($0.value.name, $0.key) })
      var taken: Set<String> = []
      left = left.filter { place, tensor in
        guard let key = names[tensor.name], let other = seconds[key] else { return true }
        matches[place] = Match(first: tensor, second: other, by: by)
        taken.insert(other.name)
        return false
      }
      rest = rest.filter { !taken.contains($0.name) }
    }
    bring("canonical-name", { first.canonical[$0.name] }, { second.canonical[$0.name] })
    func content(_ tensor: TensorDescriptor, _ checkpoint: any Checkpoint) throws -> [String]? {
      guard tensor.encoding == .plain else { return nil }
      let digest = try checkpoint.digest(of: tensor).description
      checkpoint.release(tensor)
      return [digest, tensor.type.rawValue, tensor.shape.description]
    }
    try bring("content", { try content($0, first.checkpoint) }, { try content($0, second.checkpoint) })
    for (place, tensor) in left { matches[place] = Match(first: tensor, second: nil, by: "nothing") }
    return matches.compactMap { $0 } + rest.map { Match(first: nil, second: $0, by: "nothing") }
  }

  private static func compare(_ match: Match, _ first: any Checkpoint, _ second: any Checkpoint) throws -> Pair {
    func pair(_ verdict: Verdict) -> Pair {
      let tensors = [match.first, match.second].compactMap { $0 }
      return Pair(
        first: match.first?.name, second: match.second?.name, matchedBy: match.by,
        types: tensors.map { $0.encoding == .plain ? $0.type.rawValue : $0.encoding.label },
        shapes: tensors.map(\.shape.extents), verdict: verdict)
    }
    guard let one = match.first else { return pair(.onlyInSecond) }
    guard let other = match.second else { return pair(.onlyInFirst) }
    // A scalar is stored as [] or as [1]; complex numbers have two parts, which no real type has.
    let isScalar = one.shape.elementCount == 1 && other.shape.elementCount == 1
    let areAlike = (one.type.component == one.type) == (other.type.component == other.type)
    guard one.shape == other.shape || isScalar, areAlike else { return pair(.shape) }
    defer {
      first.release(one)
      second.release(other)
    }
    let result = try first.withBytes(of: one) { left in
      try second.withBytes(of: other) { right -> (isExact: Bool, values: ValueDifference) in
        if one.type == other.type, one.shape == other.shape, one.encoding == other.encoding, left.elementsEqual(right) {
          return (true, ValueDifference())
        }
        return (false, try ValueDifference(one, left, other, right))
      }
    }
    if result.isExact {
      var exact = pair(.exact)
      exact.count = one.shape.elementCount
      return exact
    }
    var found = pair(result.values.differing == 0 ? .sameValues : .different)
    found.differing = result.values.differing
    found.count = result.values.count
    found.maxAbsolute = result.values.maxAbsolute
    found.meanAbsolute = result.values.finite == 0 ? 0 : result.values.sum / Double(result.values.finite)
    found.maxUnits = result.values.maxUnits
    found.worst = result.values.worst
    return found
  }
}
