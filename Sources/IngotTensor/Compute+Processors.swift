// SPDX-License-Identifier: Apache-2.0

internal import CIngotSystem
import Glibc

extension Compute {
  /// How many processors this process may run on.
  public static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Lets the process keep freed memory for the next allocation.
  ///
  /// Parts of tensors are allocated and freed in turn: without this the kernel clears their pages each time. For programs that convert, not
  /// for libraries.
  ///
  /// - Parameter limit: bytes that may be kept.
  public static func keepFreedMemory(upTo limit: Int) {
    ingot_keep_freed_memory(limit)
  }
}
