// SPDX-License-Identifier: Apache-2.0
//
// Shows that Thread Sanitizer is able to fail, and that it understands the lock: `Tools/tsan.sh control` builds this with Guarded.swift.
// `race locked` has nothing to report; `race bare` counts without the lock.

import Dispatch
import Glibc

/// What the threads count in.
private final class Counter: @unchecked Sendable {
  var count = 0
}

private let isLocked = CommandLine.arguments.last == "locked"
private let guarded = Guarded(0)
private let bare = Counter()
DispatchQueue.concurrentPerform(iterations: 8) { _ in
  for _ in 0..<100_000 {
    if isLocked { guarded.withLock { $0 += 1 } } else { bare.count += 1 }
  }
}
print(isLocked ? guarded.withLock { $0 } : bare.count)
