// SPDX-License-Identifier: Apache-2.0

private import CIngotHDF5
import IngotBytes
import IngotHDF5
import IngotTensor

/// The child process that calls libhdf5.
///
/// It writes a description of the file, then answers requests until its input ends: eight bytes each with a dataset's number, its first row
/// and how many rows, which is 2^63 - 1 for all; the answer is one byte, 0 for data and 1 for an error message, eight bytes of length, and
/// the data or message. All numbers are little-endian.
public enum HDF5Worker {
  /// Memory that the child may take, its program included.
  static let largestMemory: UInt64 = 12 << 30
  /// Seconds of computing that the child may take.
  static let longestSeconds: UInt64 = 600

  /// Serves one file, from standard input to standard output.
  ///
  /// - Parameter path: the file.
  /// - Returns: the exit status; what is wrong with the file goes to standard error, where the parent reads it.
  public static func serve(path: String) -> Int32 {
    do {
      try answer(path: path)
      return 0
    } catch let error as CheckpointError {
      try? ByteStream.standardError.write(HDF5Failure(error).line)
    } catch {
      try? ByteStream.standardError.write("\(error)")
    }
    return 65
  }

  private static func answer(path: String) throws {
    // Whatever libhdf5 is made to do, it ends within these.
    ingot_h5_limit(largestMemory, longestSeconds)
    let library = try HDF5Library(HDF5Content(MappedFile(path: path)))
    let description = try library.describe()
    try send(0, description)
    let datasets = (try? HDF5Description(description))?.datasets ?? []
    while true {
      let request = try ByteStream.standardInput.read(exactly: 24)
      guard request.count == 24 else { return }
      // A count of rows above 2^63 - 1 is none that a parent asks for: it becomes negative, and is refused below.
      let numbers = (0..<3).map { field in
        (0..<8).reduce(0) { $0 | Int(request[8 * field + $1]) << (8 * $1) }
      }
      guard datasets.indices.contains(numbers[0]) else {
        throw CheckpointError(.missing, .hdf5, "there is no dataset \(numbers[0])")
      }
      let dataset = datasets[numbers[0]]
      var rows: Range<Int>?
      if numbers[2] != .max {
        guard numbers[1] >= 0, numbers[2] >= 0, let end = numbers[1].adding(numbers[2]),
          end <= dataset.rowCount
        else { throw CheckpointError(.missing, .hdf5, "there are no \(numbers[2]) rows from \(numbers[1]) on") }
        rows = numbers[1]..<end
      }
      do {
        try send(0, try library.read(dataset, index: numbers[0], rows: rows))
      } catch let error as CheckpointError {
        try send(1, Array(error.detail.utf8))
      }
    }
  }

  private static func send(_ status: UInt8, _ content: [UInt8]) throws {
    var head = [status]
    for shift in stride(from: 0, to: 64, by: 8) { head.append(UInt8(truncatingIfNeeded: content.count >> shift)) }
    try ByteStream.standardOutput.write(head)
    try ByteStream.standardOutput.write(content)
  }
}
