// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to libhdf5.

private import CIngotHDF5
import IngotBytes
import IngotHDF5

/// An HDF5 file opened by libhdf5 in this process.
///
/// libhdf5 is not made for hostile files, and not safe for threads: calls are made one after the other.
package final class HDF5Library: HDF5Reader {
  private let file: Int64
  private static let lock = Guarded(())
  /// Memory that a description may take.
  private static let largestDescription = 1 << 28
  private static let longestMessage = 256

  /// Opens a file, or what is in a member of an archive.
  ///
  /// - Parameter content: where HDF5 is.
  /// - Throws: `malformed` with libhdf5's own words, and what is wrong with the archive.
  package init(_ content: HDF5Content) throws(CheckpointError) {
    var message = [CChar](repeating: 0, count: Self.longestMessage)
    let path = content.file.path
    do {
      if let image = try content.image() {
        file = Self.lock.withLock { _ in
          image.withRawSpan { image in
            // SAFETY: libhdf5 copies the image within the call, and the message has the capacity that is given.
            unsafe image.withUnsafeBytes { bytes in
              unsafe ingot_h5_open_image(bytes.baseAddress, bytes.count, &message, message.count)
            }
          }
        }
      } else {
        file = Self.lock.withLock { _ in
          // SAFETY: the path is NUL-terminated and the message has the capacity that is given; both live through the call.
          unsafe ingot_h5_open(path, &message, message.count)
        }
      }
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, .hdf5, "\(error)")
    }
    guard file >= 0 else { throw CheckpointError(.malformed, .hdf5, at: 0, Self.text(message)) }
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    let file = file
    Self.lock.withLock { _ in ingot_h5_close(file) }
  }

  /// The description of the file.
  package func describe() throws(CheckpointError) -> [UInt8] {
    let file = file
    let description = Self.lock.withLock { _ -> [UInt8]? in
      var size = 0
      // SAFETY: the memory holds `size` bytes, is copied here and released once.
      guard let bytes = unsafe ingot_h5_describe(file, Self.largestDescription, &size) else { return nil }
      defer { unsafe ingot_h5_free(bytes) }
      return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: size))
    }
    guard let description else { throw CheckpointError(.limit, .hdf5, "there is no memory for its description") }
    return description
  }

  /// Rows of one dataset, or all of its elements.
  package func read(
    _ dataset: HDF5Description.Dataset, index: Int, rows: Range<Int>?
  ) throws(CheckpointError) -> [UInt8] {
    let size = dataset.byteCount(of: rows)
    var message = [CChar](repeating: 0, count: Self.longestMessage)
    let file = file
    let content = Self.lock.withLock { _ -> [UInt8]? in
      var status: Int32 = 0
      // SAFETY: libhdf5 writes exactly `size` bytes into a buffer of that size, or fails; the zeros of a failure are thrown away.
      let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        unsafe buffer.initialize(repeating: 0)
        if let rows {
          status = unsafe ingot_h5_read_rows(
            file, dataset.path, UInt64(rows.lowerBound), UInt64(rows.count), buffer.baseAddress, size, &message,
            message.count)
        } else {
          status = unsafe ingot_h5_read(file, dataset.path, buffer.baseAddress, size, &message, message.count)
        }
        count = size
      }
      return status == 0 ? content : nil
    }
    guard let content else {
      throw CheckpointError(.corrupt, .hdf5, subject: dataset.path, Self.text(message))
    }
    return content
  }
}
