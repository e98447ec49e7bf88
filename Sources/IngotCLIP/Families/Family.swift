// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A key scheme: how to tell it, what its tensors become, and which configuration its shapes and files describe.
public struct Family: Sendable {
  /// Keys that tell a family, or one form of it.
  struct Fingerprint: Sendable {
    /// Keys that every such checkpoint has, with `*` for an index.
    let keys: [String]
    /// Beginnings of keys that none has.
    let absent: [String]

    init(_ keys: [String], without absent: [String] = []) {
      self.keys = keys
      self.absent = absent
    }
  }

  /// How checkpoints of a supported family are read.
  ///
  /// Its table is made when it is asked for: telling families apart needs none.
  struct Support: Sendable {
    /// Source keys to canonical names.
    let mapping: @Sendable () -> KeyMapping
    /// Reads the configuration.
    let read: Reader

    init(_ mapping: @autoclosure @escaping @Sendable () -> KeyMapping, _ read: @escaping Reader) {
      self.mapping = mapping
      self.read = read
    }
  }

  typealias Reader =
    @Sendable (ModelEvidence, Family, KeyMapping) throws(CheckpointError) -> CLIPConfiguration

  /// The name in reports and in `.ingot` files.
  public let name: String
  /// How people call it.
  public let title: String
  /// Where such checkpoints come from.
  public let examples: String
  /// Folders under `Fixtures` with such checkpoints by the original library, which prove that they are read rightly.
  public let fixtures: [String]
  let fingerprints: [Fingerprint]
  /// Source keys to canonical names, and how to read the configuration; `nil` for a family that is recognised but not supported.
  let support: Support?
  /// What keys begin with that take no part in inference and are left out, and why.
  let unused: [String: String]
  /// What the original code fixes, and no checkpoint says.
  let code: OriginalCode

  init(
    _ name: String, _ title: String, examples: String = "", fixtures: [String] = [], fingerprints: [Fingerprint],
    support: Support? = nil, unused: [String: String] = [:],
    code: OriginalCode = OriginalCode()
  ) {
    self.name = name
    self.title = title
    self.examples = examples
    self.fixtures = fixtures
    self.fingerprints = fingerprints
    self.support = support
    self.unused = unused
    self.code = code
  }

  /// Source keys to canonical names; `nil` for a family that is recognised but not supported.
  public var mapping: KeyMapping? { support?.mapping() }

  /// Why a key takes no part in inference and is left out; `nil` for any other key.
  ///
  /// - Parameter key: the name of a tensor.
  /// - Returns: the reason.
  public func reasonToLeave(_ key: String) -> String? { unused.first { key.hasPrefix($0.key) }?.value }

  /// Reads the configuration of a checkpoint of this family.
  ///
  /// - Parameter evidence: what is known of the model.
  /// - Returns: the configuration.
  /// - Throws: `mismatch` when shapes or files do not describe a model of the family, `undetermined` when nothing settles a constant that
  ///   would change results, `unsupported` for a family or setting that is not supported.
  public func configuration(of evidence: ModelEvidence) throws(CheckpointError) -> CLIPConfiguration {
    guard let support else {
      throw CheckpointError(.unsupported, .clip, "\(title) checkpoints cannot be converted yet")
    }
    return try support.read(evidence, self, support.mapping())
  }

  /// The largest share of a fingerprint found among `keys`, in which indices have become `*`.
  func score(among keys: Set<String>) -> Double {
    best(among: keys).map { Double($0.found) / Double($0.fingerprint.keys.count) } ?? 0
  }

  /// The fingerprint of which most keys are found.
  func best(among keys: Set<String>) -> (fingerprint: Fingerprint, found: Int)? {
    fingerprints.filter { fingerprint in
      !fingerprint.absent.contains { beginning in keys.contains { $0.hasPrefix(beginning) } }
    }.map { ($0, $0.keys.filter(keys.contains).count) }.max {
      Double($0.1) / Double($0.0.keys.count) < Double($1.1) / Double($1.0.keys.count)
    }
  }

  /// How much a checkpoint's names are like those of any known family.
  ///
  /// - Parameter names: the names of its tensors.
  /// - Returns: from 0, nothing in common, to 1, a whole fingerprint.
  public static func likeness(of names: [String]) -> Double {
    let keys = Set(names.map(pattern))
    return all.reduce(0) { max($0, $1.score(among: keys)) }
  }

  /// Finds the family of a checkpoint.
  ///
  /// - Parameter names: the names of its tensors.
  /// - Returns: a supported family whose whole fingerprint, or all but two keys of it, is found.
  /// - Throws: `unsupported`, with what was found and the nearest family.
  public static func recognise(_ names: [String]) throws(CheckpointError) -> Family {
    let keys = Set(names.map(pattern))
    // Of equal shares the longer fingerprint says more.
    let scored = all.compactMap { family in
      family.best(among: keys).map { (family: family, fingerprint: $0.fingerprint.keys, found: $0.found) }
    }.sorted {
      let (a, b) = (
        Double($0.found) / Double($0.fingerprint.count), Double($1.found) / Double($1.fingerprint.count)
      )
      return (a, $0.fingerprint.count) > (b, $1.fingerprint.count)
    }
    guard let nearest = scored.first, nearest.found > 0 else {
      throw CheckpointError(
        .unsupported, .clip, "unknown checkpoint family: \(summary(names)); no key of any known family among them")
    }
    // A damaged checkpoint still belongs to its family: what is missing is then listed tensor by tensor.
    guard nearest.found >= max(1, nearest.fingerprint.count - 2) else {
      throw CheckpointError(
        .unsupported, .clip,
        "unknown checkpoint family: \(summary(names)); nearest is \(nearest.family.title), of which \(nearest.found) of \(nearest.fingerprint.count) "
          + "typical keys are present, missing "
          + nearest.fingerprint.filter { !keys.contains($0) }.joined(separator: ", "))
    }
    guard nearest.family.support != nil else {
      throw CheckpointError(
        .unsupported, .clip,
        "this is a \(nearest.family.title) checkpoint (\(summary(names))); that family cannot be converted yet")
    }
    return nearest.family
  }

  /// A key with its numeric components replaced by `*`.
  static func pattern(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { !$0.isEmpty && $0.allSatisfy(\.isNumber) ? "*" : String($0) }.joined(separator: ".")
  }

  private static func summary(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return "found \(names.count) tensors (\(shown)\(names.count > 4 ? ", …" : ""))"
  }
}
