// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotNumPy
public import IngotTensor

/// Features and labels of samples: mapped from a file, or in memory.
public final class FeatureTable: Sendable {
  /// How many samples.
  public let rows: Int
  /// Numbers in a row.
  public let width: Int
  /// What they show.
  public let labels: SampleLabels
  /// Samples that could not be read: rows of zeros, left out by their labels.
  public let unreadable: [UnreadableRow]
  /// For messages.
  public let title: String
  private let storage: Storage

  private enum Storage: Sendable {
    case mapped(MappedFile, offset: Int)
    case kept([Float])
  }

  /// Files beyond this many bytes are given back to the kernel as they are read.
  static let mostResident = 256 << 20

  /// Keeps features in memory.
  ///
  /// - Parameters:
  ///   - features: `[samples, width]`.
  ///   - labels: as many.
  ///   - unreadable: samples whose rows are zeros.
  ///   - title: for messages.
  public init(_ features: Matrix<Float>, _ labels: SampleLabels, unreadable: [UnreadableRow] = [], title: String) {
    precondition(features.rows == labels.count, "a label for each row")
    rows = features.rows
    width = features.columns
    storage = .kept(features.values)
    self.labels = labels
    self.unreadable = unreadable
    self.title = title
  }

  /// Maps features from files of NumPy's.
  ///
  /// float32 is mapped as it is; float16 and float64 are converted in memory.
  ///
  /// - Parameters:
  ///   - features: a `.npy` file `[rows, width]`.
  ///   - labels: a `.npy` file of whole numbers, `[rows]`, `[rows, 1]`, or `[rows, classes]`.
  ///   - classes: how many classes; `nil` is one more than the largest label.
  ///   - unreadable: samples whose rows are zeros.
  ///   - title: for messages.
  /// - Throws: `FileError`; `mismatch` for other shapes or labels that are no classes, `unsupported` for other types.
  public init(
    features: String, labels: String, classes: Int?, unreadable: [UnreadableRow] = [], title: String
  ) throws {
    let (file, descriptor) = try Self.array(features, rank: 2...2)
    rows = descriptor.shape[0]
    width = descriptor.shape[1]
    guard rows > 0, width > 0 else {
      throw CheckpointError(.mismatch, .features, subject: features, "has no numbers, its shape is \(descriptor.shape)")
    }
    self.labels = try Self.readLabels(labels, classes: classes)
    guard self.labels.count == rows else {
      throw CheckpointError(
        .mismatch, .features, subject: labels, "has \(self.labels.count) labels, there are \(rows) rows of features")
    }
    let (wide, types): (Int, [ElementType]) = (width * rows * 4, [.float16, .float32, .float64, .bfloat16])
    guard types.contains(descriptor.type) else {
      throw CheckpointError(
        .unsupported, .features, subject: features, "holds \(descriptor.type.rawValue), expected floating-point numbers"
      )
    }
    let offset = file.size - wide
    if descriptor.type == .float32, descriptor.access == .mapped, offset % 4 == 0 {
      storage = .mapped(file, offset: offset)
    } else {
      let checkpoint = try NumPyCheckpoint(file)
      storage = .kept(try checkpoint.withBytes(of: descriptor) { widen($0, of: descriptor.type) })
    }
    self.unreadable = unreadable
    self.title = title
  }

  private static func array(_ path: String, rank: ClosedRange<Int>) throws -> (MappedFile, TensorDescriptor) {
    let file = try MappedFile(path: path)
    do {
      let checkpoint = try NumPyCheckpoint(file)
      guard checkpoint.container == .npy, let descriptor = checkpoint.tensors.first else {
        throw CheckpointError(.unsupported, .features, subject: path, "is not one array of numbers (.npy)")
      }
      guard rank.contains(descriptor.shape.rank) else {
        throw CheckpointError(
          .mismatch, .features, subject: path,
          "has shape \(descriptor.shape), expected \(rank.upperBound) dimensions")
      }
      return (file, descriptor)
    } catch let error as CheckpointError {
      throw CheckpointError(error.code, error.format, at: error.offset, subject: path, error.detail)
    }
  }

  private static func readLabels(_ path: String, classes: Int?) throws -> SampleLabels {
    let (file, descriptor) = try array(path, rank: 1...2)
    let checkpoint = try NumPyCheckpoint(file)
    let values: [Int32] = try checkpoint.withBytes(of: descriptor) { bytes in
      switch descriptor.type {
      case .int32: return [Int32](littleEndianBytes: bytes)
      case .uint8: return [UInt8](littleEndianBytes: bytes).map { Int32($0) }
      case .int64:
        return try [Int64](littleEndianBytes: bytes).enumerated().map { row, value in
          guard let label = Int32(exactly: value) else {
            throw CheckpointError(.mismatch, .features, subject: path, "row \(row) has label \(value)")
          }
          return label
        }
      default:
        throw CheckpointError(
          .unsupported, .features, subject: path,
          "holds \(descriptor.type.rawValue), expected whole numbers (int32, int64 or uint8)")
      }
    }
    let columns = descriptor.shape.rank == 2 ? descriptor.shape[1] : 1
    guard columns > 0 else { throw CheckpointError(.mismatch, .features, subject: path, "has no columns") }
    do {
      return try SampleLabels(checking: values, columns: columns, classes: classes)
    } catch {
      throw CheckpointError(error.code, error.format, subject: path, error.detail)
    }
  }

  /// Lends rows: float32 numbers, aligned to four bytes.
  ///
  /// - Parameters:
  ///   - range: which.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  public func withRows<R>(_ range: Range<Int>, _ body: (RawSpan) throws -> R) rethrows -> R {
    let bytes = range.lowerBound * width * 4..<range.upperBound * width * 4
    switch storage {
    case .kept(let values): return try values.withRawSpan { try body($0.extracting(bytes)) }
    case .mapped(let file, let offset):
      return try body(file.bytes(in: offset + bytes.lowerBound..<offset + bytes.upperBound))
    }
  }

  /// Tells that rows are not needed for now, where the file is so large that it should not stay in memory.
  public func release(_ range: Range<Int>) {
    guard case .mapped(let file, let offset) = storage, file.size > Self.mostResident else { return }
    file.release(offset + range.lowerBound * width * 4..<offset + range.upperBound * width * 4)
  }

  /// Some rows, in memory.
  ///
  /// - Parameter indices: which, in this order.
  /// - Returns: a table of its own.
  public func gathering(_ indices: [Int]) -> FeatureTable {
    precondition(!labels.isMultiLabel, "one label for each row")
    var values: [Float] = []
    values.reserveCapacity(indices.count * width)
    for index in indices { withRows(index..<index + 1) { values += [Float](littleEndianBytes: $0) } }
    let chosen = SampleLabels(indices.map { labels.values[$0] }, classes: labels.classes)
    return FeatureTable(Matrix(values: values, rows: indices.count, columns: width), chosen, title: title)
  }

  /// Rows at a time that are about four megabytes, a multiple of 256.
  var blockRows: Int { max(1, (4 << 20) / (width * 4) / 256) * 256 }

  /// Hands on all rows in blocks, and gives large files back behind them.
  func forEachBlock(_ body: (Range<Int>, RawSpan) throws -> Void) rethrows {
    for start in stride(from: 0, to: rows, by: blockRows) {
      let range = start..<min(start + blockRows, rows)
      try withRows(range) { try body(range, $0) }
      release(range)
    }
  }

  /// SHA-256 of the rows' bytes.
  func digest() -> String {
    var stream = SHA256Stream()
    forEachBlock { stream.update($1) }
    return stream.finalize().description
  }

  /// Digests must be those that were recorded.
  func verify(features: String?, labels: String?, path: String) throws(CheckpointError) {
    let found = digest()
    guard found == features, self.labels.digest == labels else {
      throw CheckpointError(
        .corrupt, .features, subject: path,
        "SHA-256 of the \(found == features ? "labels" : "features") is not the recorded one; remove the cache")
    }
  }
}

extension SampleLabels {
  /// SHA-256 of the labels' bytes.
  var digest: String { values.withRawSpan { SHA256Digest(of: $0) }.description }
}
