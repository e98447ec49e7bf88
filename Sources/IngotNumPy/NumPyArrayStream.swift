// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// Writes a `.npy` file of float32 numbers, row-major, part by part; it appears at its path when all have come.
public final class NumPyArrayStream {
  private let file: AtomicFile
  private let shape: [Int]
  private var left: Int

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - shape: sizes of two or more dimensions, not negative.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`, and `overflow` when the sizes' product is no `Int`.
  public init(path: String, shape: [Int], existing: AtomicFile.Existing) throws {
    precondition(shape.count >= 2 && shape.allSatisfy { $0 >= 0 }, "an array of at least two dimensions")
    guard let count = Int.product(shape), count.multiplied(by: 4) != nil else {
      throw CheckpointError(.overflow, .numpy, "an array of \(shape)")
    }
    let header = NumPyHeader.bytes(type: "<f4", shape: shape)
    self.shape = shape
    left = count
    file = try AtomicFile(path: path, existing: existing)
    try header.withRawSpan { try file.append($0) }
  }

  /// Adds the next numbers.
  ///
  /// - Parameter values: no more than the shape has room for.
  /// - Throws: `FileError`.
  public func append(_ values: [Float]) throws {
    precondition(values.count <= left, "no more numbers than an array of \(shape) has")
    try values.withRawSpan { try file.append($0) }
    left -= values.count
  }

  /// Gives the file its name.
  ///
  /// - Throws: `FileError`.
  public func commit() throws {
    precondition(left == 0, "all numbers of an array of \(shape) were written")
    try file.commit()
  }
}
