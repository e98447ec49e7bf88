// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotSafetensors
import IngotTensor

/// Writes the tensors of any source as a safetensors file.
///
/// Under the names that they have in the original checkpoint, or under those of a library (`Exporter+Naming.swift`).
public struct Exporter: Sendable {
  /// What was done.
  public struct Report: Sendable {
    /// How many tensors were written.
    public let tensors: Int
    /// Names of those that were quantized, and are now their float32 values.
    public let decoded: [String]
    /// Names that share the bytes of another, and were written out for themselves.
    public let aliases: [String: String]
    /// What of the source is not in the file, with the reason.
    public let left: [String]
    /// The files written, the weights first.
    public let files: [String]
    /// What loads them, where names of a library were asked for.
    public var loader: String?
    /// What the library does otherwise.
    public var notes: [String] = []
  }

  /// Exports a source under its own names.
  ///
  /// Of an `.ingot` file the names, shapes and layouts are those of the checkpoint that it was made from.
  ///
  /// - Parameters:
  ///   - source: any.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Returns: what was done.
  /// - Throws: `unsupported` for tensors that cannot be read, a type that safetensors has not, or a tensor whose original form is not known
  ///   any more, before anything is written; `FileError`.
  public static func export(_ source: Source, to path: String, existing: AtomicFile.Existing) throws -> Report {
    let checkpoint = source.checkpoint
    if let refused = checkpoint.notes.refused.first {
      throw CheckpointError(.unsupported, .safetensors, subject: refused.name, "cannot be exported: \(refused.reason)")
    }
    var metadata: [String: String] = [:]
    if case .safetensors(let file) = source.content {
      // The names of tied tensors are written out, so that they need no note.
      metadata = file.metadata.filter { checkpoint.notes.aliases[$0.key] == nil }
    }
    let tensors =
      if case .ingot(let file) = source.content {
        try OriginalNames(file).restored()
      } else {
        checkpoint.tensors.map { RestoredTensor($0, named: $0.name) }
      }
    let weights = try WeightsWriter(tensors, to: path, existing: existing, metadata: metadata)
    let decoded = try weights.write(from: checkpoint)
    return Report(
      tensors: tensors.count, decoded: decoded, aliases: checkpoint.notes.aliases, left: checkpoint.notes.skipped,
      files: [path])
  }
}

/// Writes tensors that lie in others as a safetensors file.
struct WeightsWriter {
  private let tensors: [String: RestoredTensor]
  private var writer: SafetensorsWriter
  /// Tensors that are no part of the source, with their bytes.
  private let own: [String: [UInt8]]

  /// Prepares, and checks everything that can be wrong before the first byte.
  ///
  /// - Parameters:
  ///   - tensors: names are different.
  ///   - own: further tensors and their bytes.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  ///   - metadata: of the file.
  /// - Throws: `mismatch` for two tensors of one name, `unsupported` or `limit` for what safetensors cannot hold, `FileError`.
  init(
    _ tensors: [RestoredTensor], own: [(TensorDescriptor, [UInt8])] = [], to path: String,
    existing: AtomicFile.Existing, metadata: [String: String]
  ) throws {
    var byName: [String: RestoredTensor] = [:]
    var targets = own.map(\.0)
    for tensor in tensors {
      guard let target = TensorDescriptor(name: tensor.name, type: tensor.type, shape: tensor.shape, access: .mapped)
      else { throw CheckpointError(.overflow, .safetensors, subject: tensor.name, "shape \(tensor.shape)") }
      guard byName.updateValue(tensor, forKey: tensor.name) == nil else {
        throw CheckpointError(.mismatch, .safetensors, subject: tensor.name, "two tensors come from this one")
      }
      targets.append(target)
    }
    self.tensors = byName
    self.own = Dictionary(own.map { ($0.0.name, $0.1) }) { first, _ in first }
    writer = try SafetensorsWriter(path: path, existing: existing, tensors: targets, metadata: metadata)
  }

  /// Writes the file.
  ///
  /// - Parameter checkpoint: what the tensors lie in.
  /// - Returns: the names of those that were quantized there.
  /// - Throws: what reading the checkpoint throws, and `FileError`; nothing then appears.
  consuming func write(from checkpoint: any Checkpoint) throws -> [String] {
    var decoded: [String] = []
    for target in writer.order {
      guard let tensor = tensors[target.name] else {
        try own[target.name, default: []].withRawSpan { try writer.append($0) }
        continue
      }
      for piece in tensor.pieces {
        try checkpoint.withBytes(of: piece.tensor) { bytes in
          guard piece.tensor.encoding == .plain else {
            let values = try TensorDecoder.values(of: piece.tensor, bytes)
            return try values.withRawSpan { bytes in
              try piece.layout.withBytes(in: bytes) { try writer.appendPart($0) }
            }
          }
          try piece.layout.withBytes(in: bytes) { try writer.appendPart($0) }
        }
        checkpoint.release(piece.tensor)
      }
      try writer.finishTensor()
      if tensor.pieces.contains(where: { $0.tensor.encoding != .plain }) { decoded.append(target.name) }
    }
    try writer.finish()
    return decoded
  }
}
