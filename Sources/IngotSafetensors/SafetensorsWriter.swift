// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// Writes a safetensors file, one tensor at a time: the bytes that the reference library writes for the same tensors.
///
///     var writer = try SafetensorsWriter(path: "out.safetensors", existing: .refuse, tensors: tensors)
///     for tensor in writer.order { try source.withBytes(of: tensor) { try writer.append($0) } }
///     try writer.finish()
///
/// Nothing appears at the path before `finish` returns. `Formats/safetensors.md`, section 4, has the order and the one difference:
/// metadata is sorted.
public struct SafetensorsWriter {
  private let output: AtomicFile
  /// The tensors in the order in which their bytes must be appended: by type, largest alignment first, then by name, bytewise.
  public let order: [TensorDescriptor]
  private var completed = 0
  /// How many bytes of the tensor in progress have come.
  private var received = 0

  /// Creates the file under a temporary name and writes its header.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  ///   - tensors: in any order, all of them plain; name, type and shape count.
  ///   - metadata: for `__metadata__`, which is left out when there is none.
  /// - Throws: `CheckpointError` of `malformed`, `unsupported`, `overflow` or `limit` for what the format cannot hold, and `FileError`.
  public init(
    path: String, existing: AtomicFile.Existing, tensors: [TensorDescriptor], metadata: [String: String] = [:]
  ) throws {
    let plan = try SafetensorsPlan(tensors: tensors, metadata: metadata)
    order = plan.order
    output = try AtomicFile(path: path, existing: existing)
    try plan.prefix.withRawSpan { try output.append($0) }
  }

  /// Writes the next tensor's bytes, all of them.
  ///
  /// - Parameter bytes: exactly the `byteCount` of the next tensor in `order`.
  /// - Throws: `mismatch` when the count is wrong, and `FileError`. After an error the writer cannot go on.
  public mutating func append(_ bytes: RawSpan) throws {
    try appendPart(bytes)
    try finishTensor()
  }

  /// Writes the next bytes of the next tensor.
  ///
  /// - Parameter part: of any size.
  /// - Throws: `mismatch` when the tensor gets more bytes than it has, and `FileError`.
  public mutating func appendPart(_ part: RawSpan) throws {
    precondition(completed < order.count, "no more tensors than announced")
    guard part.byteCount <= order[completed].byteCount - received else { throw wrongCount(received + part.byteCount) }
    try output.append(part)
    received += part.byteCount
  }

  /// Ends the tensor in progress.
  ///
  /// - Throws: `mismatch` when bytes are missing.
  public mutating func finishTensor() throws {
    precondition(completed < order.count, "no more tensors than announced")
    guard received == order[completed].byteCount else { throw wrongCount(received) }
    completed += 1
    received = 0
  }

  /// Flushes the file to the device and gives it its name.
  ///
  /// - Throws: `mismatch` when tensors are missing, and `FileError`; the path is then what it was before.
  public mutating func finish() throws {
    guard completed == order.count else {
      throw CheckpointError(
        .mismatch, .safetensors, subject: order[completed].name,
        "\(completed) tensors were written, \(order.count) were announced")
    }
    try output.commit()
  }

  /// Writes a whole file at once.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  ///   - tensors: in any order, all of them plain, each with its contiguous little-endian bytes.
  ///   - metadata: for `__metadata__`, which is left out when there is none.
  /// - Throws: as the steps do.
  public static func write(
    path: String, existing: AtomicFile.Existing, tensors: [(descriptor: TensorDescriptor, bytes: [UInt8])],
    metadata: [String: String] = [:]
  ) throws {
    var writer = try SafetensorsWriter(
      path: path, existing: existing, tensors: tensors.map(\.descriptor), metadata: metadata)
    let contents = Dictionary(uniqueKeysWithValues: tensors.map { ($0.descriptor.name, $0.bytes) })
    for tensor in writer.order { try contents[tensor.name, default: []].withRawSpan { try writer.append($0) } }
    try writer.finish()
  }

  private func wrongCount(_ count: Int) -> CheckpointError {
    let tensor = order[completed]
    return CheckpointError(
      .mismatch, .safetensors, subject: tensor.name,
      "got \(count) bytes, \(tensor.type.rawValue) \(tensor.shape) needs \(tensor.byteCount)")
  }
}
