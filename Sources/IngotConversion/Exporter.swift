// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotFile
import IngotQuantization
import IngotSafetensors
import IngotTensor

/// Writes the tensors of any source as a safetensors file, under the names that they have in the original checkpoint.
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
  }

  /// Exports a source.
  ///
  /// - Parameters:
  ///   - source: any; of an `.ingot` file the names are those of the checkpoint that it was made from.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Returns: what was done.
  /// - Throws: `unsupported` for tensors that cannot be read or a type that safetensors has not, before anything is written; `FileError`.
  public static func export(_ source: Source, to path: String, existing: AtomicFile.Existing) throws -> Report {
    let checkpoint = source.checkpoint
    if let refused = checkpoint.notes.refused.first {
      throw CheckpointError(.unsupported, .safetensors, subject: refused.name, "cannot be exported: \(refused.reason)")
    }
    var names: [String: String] = [:]
    if case .ingot(let file) = source.content {
      names = try file.provenance().tensors.mapValues(\.source)
    }
    var originals: [String: TensorDescriptor] = [:]
    var targets: [TensorDescriptor] = []
    var decoded: [String] = []
    for tensor in checkpoint.tensors {
      let name = names[tensor.name] ?? tensor.name
      let isPlain = tensor.encoding == .plain
      if !isPlain { decoded.append(name) }
      guard
        let target = TensorDescriptor(
          name: name, type: isPlain ? tensor.type : .float32, shape: tensor.shape, access: .mapped)
      else { throw CheckpointError(.overflow, .safetensors, subject: name, "shape \(tensor.shape)") }
      guard originals.updateValue(tensor, forKey: name) == nil else {
        throw CheckpointError(.mismatch, .safetensors, subject: name, "two tensors come from this one")
      }
      targets.append(target)
    }
    var metadata: [String: String] = [:]
    if case .safetensors(let file) = source.content {
      // The names of tied tensors are written out, so that they need no note.
      metadata = file.metadata.filter { checkpoint.notes.aliases[$0.key] == nil }
    }
    var writer = try SafetensorsWriter(path: path, existing: existing, tensors: targets, metadata: metadata)
    for target in writer.order {
      guard let tensor = originals[target.name] else { preconditionFailure("targets come from tensors") }
      try checkpoint.withBytes(of: tensor) { bytes in
        if tensor.encoding == .plain { return try writer.append(bytes) }
        try TensorDecoder.values(of: tensor, bytes).withRawSpan { try writer.append($0) }
      }
      checkpoint.release(tensor)
    }
    try writer.finish()
    return Report(
      tensors: targets.count, decoded: decoded, aliases: checkpoint.notes.aliases, left: checkpoint.notes.skipped)
  }
}
