// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor

/// What storing each tensor otherwise, and that one alone, does to the embeddings of the probes.
public struct Sensitivities: Sendable {
  /// One way to store a tensor.
  struct Option: Sendable {
    let scheme: EncodingScheme
    let target: TensorDescriptor
    /// The change of its tower's embeddings, `[probes, width]`, as bfloat16 holds it.
    let effect: [Float]
  }

  /// One tensor.
  struct Row: Sendable {
    let tensor: TensorDescriptor
    let tower: Tower
    let options: [Option]
  }

  let rows: [Row]
  let base: ProbeOutputs

  /// Measures, or takes what was measured before.
  ///
  /// - Parameters:
  ///   - task: the model and the probes.
  ///   - cache: a folder that keeps what was measured, tensor by tensor; `nil` for none.
  ///   - progress: hears of each tensor that is done: how many, of how many, its name.
  /// - Throws: what running the model throws, and `FileError`.
  public init(
    _ task: PlanningTask, cache: String?, progress: (Int, Int, String) -> Void = { _, _, _ in }
  ) throws {
    let store = try cache.map { try SensitivityCache(folder: $0, context: task.context) }
    let base = try task.outputs([], towers: Set(Tower.allCases))
    let candidates = task.candidates().filter { base[$0.tower].rows > 0 }
    var rows: [Row] = []
    for (index, candidate) in candidates.enumerated() {
      let digest = try task.file.storedDigest(of: candidate.tensor) ?? task.file.digest(of: candidate.tensor)
      var known = store?.effects(of: candidate.tensor.name, digest, count: base[candidate.tower].values.count) ?? [:]
      let before = known.count
      var options: [Option] = []
      for (scheme, target) in candidate.targets {
        if known[scheme] == nil {
          known[scheme] = try Self.effect(task, candidate.tensor, target, candidate.tower, base) ?? []
        }
        if let effect = known[scheme], !effect.isEmpty {
          options.append(Option(scheme: scheme, target: target, effect: effect))
        }
      }
      if known.count > before { try store?.keep(known, of: candidate.tensor.name, digest) }
      task.file.release(candidate.tensor)
      rows.append(Row(tensor: candidate.tensor, tower: candidate.tower, options: options))
      progress(index + 1, candidates.count, candidate.tensor.name)
    }
    self.rows = rows.filter { !$0.options.isEmpty }
    self.base = base
  }

  /// - Returns: `nil` where the values do not fit the type.
  private static func effect(
    _ task: PlanningTask, _ tensor: TensorDescriptor, _ target: TensorDescriptor, _ tower: Tower, _ base: ProbeOutputs
  ) throws -> [Float]? {
    guard let replacement = try task.encoded(tensor, as: target) else { return nil }
    let found = try task.outputs([replacement], towers: [tower])
    let changes = zip(found[tower].values, base[tower].values).map { $0 - $1 }
    let stored: [Float] = narrow(changes, to: .bfloat16).withRawSpan { widen($0, of: .bfloat16) }
    return stored
  }
}

/// Measured effects in a folder: one JSON file for each tensor, named by the digest of all that they depend on.
struct SensitivityCache {
  /// What a file holds.
  private struct Document: Codable {
    let tensor: String
    let digest: String
    let context: String
    /// By encoding: bfloat16, little-endian, as base64; empty where the values do not fit the type.
    var effects: [String: String]
  }

  private let folder: String
  private let context: String

  init(folder: String, context: String) throws(FileError) {
    self.folder = folder
    self.context = context
    try FileStatus.makeFolder(folder)
  }

  private func path(_ tensor: String, _ digest: SHA256Digest) -> String {
    let key = Array("\(context)\n\(tensor)\n\(digest)".utf8).withRawSpan { SHA256Digest(of: $0).description }
    return "\(folder)/\(key.prefix(32)).json"
  }

  /// What was measured before; nothing where there is no such file, or it is damaged.
  func effects(of tensor: String, _ digest: SHA256Digest, count: Int) -> [EncodingScheme: [Float]] {
    guard let file = try? MappedFile(path: path(tensor, digest)),
      let document = try? JSONDecoder().decode(Document.self, from: Data(file.bytes.copied())),
      document.tensor == tensor, document.digest == digest.description, document.context == context
    else { return [:] }
    var effects: [EncodingScheme: [Float]] = [:]
    for (name, text) in document.effects {
      guard let scheme = EncodingScheme(rawValue: name), let bytes = Data(base64Encoded: text) else { continue }
      let values: [Float] = [UInt8](bytes).withRawSpan { widen($0, of: .bfloat16) }
      guard values.isEmpty || (values.count == count && values.allSatisfy(\.isFinite)) else { continue }
      effects[scheme] = values
    }
    return effects
  }

  /// Writes what was measured of a tensor.
  func keep(_ effects: [EncodingScheme: [Float]], of tensor: String, _ digest: SHA256Digest) throws {
    var document = Document(tensor: tensor, digest: digest.description, context: context, effects: [:])
    for (scheme, values) in effects {
      document.effects[scheme.rawValue] = Data(narrow(values, to: .bfloat16)).base64EncodedString()
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let output = try AtomicFile(path: path(tensor, digest), existing: .replace)
    try [UInt8](encoder.encode(document)).withRawSpan { try output.append($0) }
    try output.commit()
  }
}
