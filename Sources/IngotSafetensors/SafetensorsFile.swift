// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// An open safetensors file.
///
///     let file = try SafetensorsFile(MappedFile(path: "model.safetensors"))
///     let format = file.metadata["format"]
///
/// `Formats/safetensors.md` says what is accepted. Opening checks the whole header, and that the tensors fill the rest of the file without overlap, hole or tail.
public struct SafetensorsFile: Checkpoint {
  private let file: MappedFile
  /// All tensors, in the order of their data.
  public let tensors: [TensorDescriptor]
  /// What the file says of itself under `__metadata__`; empty when it says nothing.
  public let metadata: [String: String]
  /// What the file says of itself.
  public var notes: CheckpointNotes {
    var notes = CheckpointNotes()
    notes.metadata = metadata
    notes.aliases = aliases
    return notes
  }
  private var aliases: [String: String] = [:]
  /// Parallel to `tensors`: where their data lies in the file.
  private let ranges: [Range<Int>]
  private let numbers: [String: Int]

  /// Opens a mapped file.
  ///
  /// - Throws: `truncated`, `malformed`, `corrupt`, `overflow`, `limit`, or `unsupported` for an element type that is not known or takes less than a byte.
  public init(_ file: MappedFile) throws(CheckpointError) {
    var cursor = ByteCursor(file.bytes, format: .safetensors)
    let size = try cursor.read(UInt64.self, "header length")
    guard let headerSize = Int(exactly: size), headerSize <= Limits.headerSize else {
      throw CheckpointError(
        .limit, .safetensors, at: 0, "header length is \(size), the largest allowed is \(Limits.headerSize)")
    }
    let header = try SafetensorsHeader(parsing: try cursor.take(headerSize, "header"), base: Limits.prefixSize)
    let entries = header.entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.place) < ($1.range.lowerBound, $1.range.upperBound, $1.place)
    }
    try Self.checkCoverage(entries, of: cursor.remaining)
    let start = cursor.offset
    self.file = file
    metadata = header.metadata
    var tensors = entries.map {
      TensorDescriptor(
        name: $0.name, type: $0.type, shape: $0.shape, encoding: .plain, byteCount: $0.range.count, access: .mapped)
    }
    // Cannot overflow: coverage puts every range within the file.
    var ranges = entries.map { start + $0.range.lowerBound..<start + $0.range.upperBound }
    var numbers = Dictionary(uniqueKeysWithValues: zip(entries.map(\.name), 0...))
    // `safetensors.torch.save_model` writes tied tensors once, and the other names with the one that was kept. Tied parameters have the
    // same last part (`lm_head.weight`, `embed.weight`); whatever else is in the metadata is only text.
    for (name, kept) in header.metadata.sorted(by: { $0.key < $1.key }) where numbers[name] == nil {
      guard let number = numbers[kept], number < entries.count, name.contains("."),
        name.split(separator: ".").last == kept.split(separator: ".").last
      else { continue }
      numbers[name] = tensors.count
      tensors.append(tensors[number].renamed(name))
      ranges.append(ranges[number])
      aliases[name] = kept
    }
    self.tensors = tensors
    self.ranges = ranges
    self.numbers = numbers
  }

  /// Whether the file looks like safetensors: a header length within the limit, and an object where the header starts.
  public static func recognises(_ file: MappedFile) -> Bool {
    var cursor = ByteCursor(file.bytes, format: .safetensors)
    guard let size = try? cursor.readCount("header length"), size > 0, size <= Limits.headerSize else { return false }
    // A header that the file cuts short still begins as one.
    let end = cursor.offset + min(size, cursor.remaining)
    var scanner = HeaderScanner(file.bytes(in: cursor.offset..<end), base: Limits.prefixSize)
    return scanner.accept("{")
  }

  /// The path as it was given when the file was mapped.
  public var path: String { file.path }

  /// Finds a tensor.
  public func tensor(named name: String) -> TensorDescriptor? {
    numbers[name].map { tensors[$0] }
  }

  /// Lends the tensor's bytes as they lie in the file, at any alignment.
  ///
  /// - Parameters:
  ///   - tensor: one of `tensors`.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  /// - Throws: `missing` for a tensor that is not of this file, and what `body` throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let range = range(of: tensor) else {
      throw CheckpointError(
        .missing, .safetensors, subject: tensor.name,
        "\(path) has no \(tensor.type.rawValue) \(tensor.shape) of this name")
    }
    return try body(file.bytes(in: range))
  }

  /// Tells the kernel that the tensor's pages are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    if let range = range(of: tensor) { file.release(range) }
  }

  private func range(of tensor: TensorDescriptor) -> Range<Int>? {
    guard let number = numbers[tensor.name], tensors[number] == tensor else { return nil }
    return ranges[number]
  }

  /// Checks that the tensors, sorted by range, fill the data exactly.
  private static func checkCoverage(
    _ entries: [SafetensorsHeader.Entry], of dataSize: Int
  ) throws(CheckpointError) {
    var end = 0
    var previous = "the start"
    for entry in entries {
      func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
        CheckpointError(code, .safetensors, at: entry.place, subject: entry.name, detail)
      }
      let begin = entry.range.lowerBound
      guard begin >= end else {
        throw fault(.corrupt, "data begins at \(begin) and overlaps \(previous), which ends at \(end)")
      }
      guard begin == end else {
        throw fault(.corrupt, "data begins at \(begin), leaving a hole after \(previous), which ends at \(end)")
      }
      end = entry.range.upperBound
      guard end <= dataSize else {
        throw fault(.truncated, "data ends at \(end), the file has \(dataSize) bytes of data")
      }
      previous = "`\(entry.name)`"
    }
    guard end == dataSize else {
      throw CheckpointError(
        .corrupt, .safetensors,
        "the tensors end at \(end), the file has \(dataSize) bytes of data: "
          + "\(dataSize - end) bytes belong to no tensor")
    }
  }
}
