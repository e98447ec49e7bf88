// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTensor

/// An HDF5 file of any layout, Keras' among them; a tensor is named by the path of its dataset.
///
/// `Formats/hdf5.md` says what is read. libhdf5 reads the file in a process of its own; elements that lie one after the other are
/// mapped by this process and never pass through libhdf5.
public struct HDF5Checkpoint: Checkpoint {
  /// What wrote the file, as far as it tells.
  public enum Container: String, Sendable, Hashable {
    /// Groups and datasets without a known meaning.
    case hdf5
    /// A whole model of Keras 1 or 2, or of Keras 3 in the legacy format.
    case kerasModel = "keras-h5"
    /// Weights only, legacy or of Keras 3.
    case kerasWeights = "keras-weights"
    /// The `.keras` archive of Keras 3.
    case kerasArchive = "keras-archive"
    /// `tf_model.h5` of Hugging Face's transformers.
    case huggingFace = "huggingface-tf"
  }

  /// What wrote the file.
  public let container: Container
  /// The datasets of numbers.
  public let tensors: [TensorDescriptor]
  /// Datasets that are no numbers or are refused, aliases, and what the file says of itself.
  public let notes: CheckpointNotes
  private let content: HDF5Content
  private let reader: any HDF5Reader
  private let arrays: [String: Array]

  private struct Array: Sendable {
    let dataset: HDF5Description.Dataset
    let index: Int
    /// Where the elements lie in the mapped file; `nil` when libhdf5 has to read them.
    let range: Range<Int>?
    let layout: StridedLayout
  }

  /// Opens a file; libhdf5 is called in a process of its own, so that a crash of it becomes an error.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - program: the program `ingot-hdf5`; by default the one beside this process's own.
  /// - Throws: `dangerous` for links and data outside the file, `limit` for shapes that stand for far more bytes than are stored, and what
  ///   else is wrong, by the path in the file.
  public init(_ file: MappedFile, program: String = Self.program) throws(CheckpointError) {
    let content = try HDF5Content(file)
    try self.init(content, reader: try HDF5Process(program: program, file: file.path))
  }

  /// The program `ingot-hdf5` beside the program of this process.
  public static var program: String {
    FilePath.folder(of: FilePath.program) + "/ingot-hdf5"
  }

  /// Opens a file by way of any reader.
  ///
  /// - Parameters:
  ///   - content: where HDF5 is.
  ///   - reader: calls libhdf5.
  /// - Throws: as the public initializer does.
  package init(_ content: HDF5Content, reader: some HDF5Reader) throws(CheckpointError) {
    self.content = content
    self.reader = reader
    let description = try HDF5Description(try reader.describe())
    let tree = try KerasTree(description, content)
    container = tree.container
    var notes = CheckpointNotes()
    notes.metadata = tree.metadata
    notes.skipped = description.others.map { "\($0) (a type, no data)" }
    var tensors: [TensorDescriptor] = []
    var arrays: [String: Array] = [:]
    var firstNames: [UInt64: String] = [:]
    var ranges: [(range: Range<Int>, path: String, address: UInt64)] = []
    for (index, dataset) in description.datasets.enumerated() {
      let type: ElementType
      if let known = dataset.type {
        type = known
      } else if dataset.isTwoBytes, description.attributes[dataset.path]?["dtype"] == ["bfloat16"] {
        type = .bfloat16
        notes.remarks[dataset.path] = "stored as two bytes without a meaning, which the attribute dtype calls bfloat16"
      } else if dataset.isNotNumbers {
        notes.skipped.append("\(dataset.path) (\(dataset.reason))")
        continue
      } else {
        let reason = dataset.reason.isEmpty ? "its elements are two bytes without a meaning" : dataset.reason
        notes.refused.append(RefusedTensor(name: dataset.path, reason: reason))
        continue
      }
      guard arrays[dataset.path] == nil else {
        throw CheckpointError(.malformed, .hdf5, subject: dataset.path, "two datasets have this path")
      }
      guard dataset.shape.elementCount == 0 || dataset.elementSize == type.byteCount else {
        throw CheckpointError(
          .malformed, .hdf5, subject: dataset.path,
          "elements of \(dataset.elementSize) bytes, \(type.rawValue) has \(type.byteCount)")
      }
      let range = try Self.range(of: dataset, in: content)
      if let range { ranges.append((range, dataset.path, dataset.address)) }
      // libhdf5 turns numbers around itself, but not the parts of complex ones.
      let isSwapped = dataset.isBigEndian && (range != nil || type == .complex64 || type == .complex128)
      let layout = StridedLayout.packed(type, dataset.shape, columnsFirst: false, isBigEndian: isSwapped)
      guard
        let tensor = TensorDescriptor(
          name: dataset.path, type: type, shape: dataset.shape,
          access: range != nil && layout.isPlain ? .mapped : .assembled)
      else { throw CheckpointError(.overflow, .hdf5, subject: dataset.path, "shape \(dataset.shape)") }
      tensors.append(tensor)
      arrays[dataset.path] = Array(dataset: dataset, index: index, range: range, layout: layout)
      if let first = firstNames[dataset.address] {
        notes.aliases[dataset.path] = first
      } else {
        firstNames[dataset.address] = dataset.path
      }
    }
    try Self.checkOverlap(ranges)
    self.tensors = tensors
    self.notes = notes
    self.arrays = arrays
  }

  /// Whether a file is HDF5, or a `.keras` archive around it.
  public static func recognises(_ file: MappedFile) -> Bool { HDF5Content.recognises(file) }

  /// Lends a tensor's bytes, mapped where they lie one after the other, else as libhdf5 reads them.
  ///
  /// - Throws: `corrupt` when libhdf5 cannot read the dataset, and what `body` throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let array = arrays[tensor.name] else {
      throw CheckpointError(.missing, .hdf5, subject: tensor.name, "no such dataset in this file")
    }
    if let range = array.range {
      let file = content.file
      return try array.layout.withBytes(in: file.bytes(in: range), body)
    }
    let bytes = try reader.read(array.dataset, index: array.index)
    return try bytes.withRawSpan { try array.layout.withBytes(in: $0, body) }
  }

  /// Reads some rows of a tensor, along its slowest dimension: not more of the file than they need.
  ///
  /// - Parameters:
  ///   - rows: within the first extent.
  ///   - tensor: one of `tensors`, with at least one dimension.
  /// - Returns: the rows' elements, row-major and little-endian.
  /// - Throws: `corrupt` when libhdf5 cannot read them.
  public func bytes(ofRows rows: Range<Int>, of tensor: TensorDescriptor) throws -> [UInt8] {
    guard let array = arrays[tensor.name] else {
      throw CheckpointError(.missing, .hdf5, subject: tensor.name, "no such dataset in this file")
    }
    let extent = array.dataset.shape.extents.first ?? 0
    precondition(rows.lowerBound >= 0 && rows.upperBound <= extent, "rows lie within the tensor")
    let size = array.dataset.byteCount / max(extent, 1)
    if let range = array.range, array.layout.isPlain {
      let start = range.lowerBound + size * rows.lowerBound
      return content.file.bytes(in: start..<start + size * rows.count).copied()
    }
    guard array.range == nil, array.layout.isPlain else {
      return try withBytes(of: tensor) { $0.extracting(size * rows.lowerBound..<size * rows.upperBound).copied() }
    }
    return try reader.read(array.dataset, index: array.index, rows: rows)
  }

  /// Tells that a tensor's pages are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    if let range = arrays[tensor.name]?.range { content.file.release(range) }
  }

  private static func range(
    of dataset: HDF5Description.Dataset, in content: HDF5Content
  ) throws(CheckpointError) -> Range<Int>? {
    guard let offset = dataset.offset, dataset.byteCount > 0, let start = content.mappedStart else { return nil }
    guard let end = offset.adding(dataset.byteCount), end <= content.size else {
      throw CheckpointError(
        .truncated, .hdf5, at: offset, subject: dataset.path,
        "has \(dataset.byteCount) bytes from \(offset) on, the file has \(content.size)")
    }
    return start + offset..<start + end
  }

  /// Two datasets that share bytes contradict each other, unless they are one under two names.
  private static func checkOverlap(
    _ ranges: [(range: Range<Int>, path: String, address: UInt64)]
  ) throws(CheckpointError) {
    let sorted = ranges.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for (left, right) in zip(sorted, sorted.dropFirst())
    where right.range.lowerBound < left.range.upperBound && left.address != right.address {
      throw CheckpointError(
        .corrupt, .hdf5, at: right.range.lowerBound, subject: right.path,
        "its data overlap those of \(left.path), which end at \(left.range.upperBound)")
    }
  }
}
