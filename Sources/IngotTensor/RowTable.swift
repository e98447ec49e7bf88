// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A table `[rows, width]` whose rows are looked up one at a time, in the type and encoding that it is stored in.
public struct RowTable: Sendable {
  private let storage: TensorStorage
  private let width: Int

  /// Takes a tensor as a table.
  ///
  /// - Parameters:
  ///   - tensor: rank 2; a floating-point type of 16 bits or more, or integers with scales along axis 0.
  ///   - checkpoint: what holds it; kept alive by the result.
  /// - Throws: `unsupported` for another type or encoding, `mismatch` for another rank.
  public init(_ tensor: TensorDescriptor, in checkpoint: any Checkpoint) throws {
    guard tensor.shape.rank == 2 else {
      throw CheckpointError(
        .mismatch, .tensor, subject: tensor.name, "a table has two dimensions, found \(tensor.shape)")
    }
    switch tensor.encoding {
    case .plain where tensor.type.isComputable, .int8PerChannel(axis: 0), .grouped(_, axis: 0, _): break
    default:
      throw CheckpointError(
        .unsupported, .tensor, subject: tensor.name,
        "found \(tensor.type.rawValue) stored as \(tensor.encoding.label); a table is F16, BF16, F32 or F64, or integers with scales along axis 0"
      )
    }
    storage = try TensorStorage(tensor, in: checkpoint)
    width = tensor.shape[1]
  }

  /// Some rows, as a matrix.
  ///
  /// - Parameter rows: indices within the table.
  /// - Returns: `[rows.count, width]`.
  /// - Throws: what reading the bytes throws.
  public func matrix<R: Real>(_ rows: [Int]) throws -> Matrix<R> {
    Matrix(values: try self.rows(rows), rows: rows.count, columns: width)
  }

  /// The values of some rows, one after the other.
  ///
  /// - Parameter rows: indices within the table.
  /// - Returns: `rows.count × width` numbers, exact but for F64 as float32.
  /// - Throws: what reading the bytes throws.
  public func rows<R: Real>(_ rows: some Sequence<Int>) throws -> [R] {
    let tensor = storage.descriptor
    return try storage.withBytes { bytes in
      var values: [R] = []
      for row in rows {
        precondition(row >= 0 && row < tensor.shape[0], "a row of the table")
        let elements = row * width..<(row + 1) * width
        switch tensor.encoding {
        case .plain:
          let size = tensor.type.byteCount
          values +=
            widen(bytes.extracting(elements.lowerBound * size..<elements.upperBound * size), of: tensor.type) as [R]
        case .int8PerChannel:
          let start = (tensor.encoding.scaleOffset(of: tensor.shape) ?? 0) + row * 4
          let scale = R([Float](littleEndianBytes: bytes.extracting(start..<start + 4))[0])
          values += (widen(bytes.extracting(elements), of: .int8) as [R]).map { $0 * scale }
        case .grouped:
          let single = restored(tensor, bytes, elements)
          values += (single as? [R]) ?? single.map { R($0) }
        }
      }
      return values
    }
  }
}
