// SPDX-License-Identifier: Apache-2.0

private import CIngotHDF5
import IngotBytes
import IngotHDF5

/// The child process that calls libhdf5.
///
/// It writes a description of the file, then answers requests until its input ends: four bytes with a dataset's number; the answer is
/// one byte, 0 for data and 1 for an error message, eight bytes of length, and the data or message. All numbers are little-endian.
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
      let request = try ByteStream.standardInput.read(exactly: 4)
      guard request.count == 4 else { return }
      let number = request.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      guard number < datasets.count else { throw CheckpointError(.missing, .hdf5, "there is no dataset \(number)") }
      do {
        try send(0, try library.read(datasets[number], index: number))
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
