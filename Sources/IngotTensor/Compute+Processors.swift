// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Compute {
  /// How many processors this process may run on.
  public static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
