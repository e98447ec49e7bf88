// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotHDF5
import IngotTensor

/// Rows of one array in an HDF5 file, read some at a time: compressed ones come from a process of their own.
final class HDF5Rows: Sendable {
  /// How many rows.
  let count: Int
  /// The extents of one row.
  let extents: [Int]
  private let checkpoint: HDF5Checkpoint
  private let tensor: TensorDescriptor
  private let cache = Guarded([(block: Int, bytes: [UInt8])]())

  /// Rows are read in blocks of about this many bytes, of which the last few are kept.
  private static let blockSize = 1 << 22
  private static let blocksKept = 4

  /// Opens an array.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: what it is called in messages.
  ///   - dataset: the array's path within it.
  ///   - program: the program that reads HDF5, where it is not beside this one.
  /// - Throws: `FileError`, what is wrong with the file, `missing` when there is no such array, `malformed` when it is not of bytes.
  init(path: String, name: String, dataset: String, program: String?) throws {
    let file = try MappedFile(path: path)
    if file.size >= 2, file.bytes[byte: 0] == 0x1f, file.bytes[byte: 1] == 0x8b {
      throw CheckpointError(
        .unsupported, .hdf5, at: 0, subject: name, "is compressed with gzip; decompress it first (gunzip)")
    }
    checkpoint = try HDF5Checkpoint(file, program: program ?? HDF5Checkpoint.program)
    guard let found = checkpoint.tensors.first(where: { $0.name == dataset }) else {
      let names = checkpoint.tensors.prefix(20).map(\.name).joined(separator: ", ")
      throw CheckpointError(.missing, .hdf5, subject: name, "there is no array \(dataset), there are \(names)")
    }
    guard found.type == .uint8, let first = found.shape.extents.first else {
      throw CheckpointError(
        .malformed, .hdf5, subject: name, "\(dataset) is \(found.type.rawValue) \(found.shape), expected uint8 in rows")
    }
    tensor = found
    count = first
    extents = Array(found.shape.extents.dropFirst())
  }

  private var rowSize: Int { max(1, extents.reduce(1, *)) }
  private var rowsInBlock: Int { max(1, Self.blockSize / rowSize) }

  /// One row.
  ///
  /// - Throws: `corrupt` when libhdf5 cannot read it.
  func row(_ index: Int) throws -> [UInt8] {
    precondition(index >= 0 && index < count, "a row of the array")
    let block = index / rowsInBlock
    let place = (index - block * rowsInBlock) * rowSize
    if let kept = cache.withLock({ cache in cache.first { $0.block == block }?.bytes }) {
      return Array(kept[place..<place + rowSize])
    }
    let rows = block * rowsInBlock..<min(count, (block + 1) * rowsInBlock)
    let bytes = try checkpoint.bytes(ofRows: rows, of: tensor)
    cache.withLock { cache in
      if cache.count == Self.blocksKept { cache.removeFirst() }
      cache.append((block: block, bytes: bytes))
    }
    return Array(bytes[place..<place + rowSize])
  }

  /// All rows, for small arrays.
  ///
  /// - Throws: `limit` for more than 64 MiB, `corrupt` when libhdf5 cannot read them.
  func all() throws -> [UInt8] {
    guard tensor.byteCount <= 1 << 26 else {
      throw CheckpointError(.limit, .hdf5, subject: tensor.name, "has \(tensor.byteCount) bytes of labels")
    }
    guard count > 0 else { return [] }
    return try checkpoint.bytes(ofRows: 0..<count, of: tensor)
  }
}
