// SPDX-License-Identifier: Apache-2.0

internal import CIngotKernels
internal import Dispatch

/// How arithmetic is carried out.
///
/// No choice here changes a single bit of any result.
public struct Compute: Sendable, Hashable {
  /// A set of instructions that the kernels are compiled for.
  public enum InstructionPath: String, Sendable, CaseIterable {
    /// What every CPU of the architecture has.
    case plain
    /// AVX2, FMA and F16C.
    case avx2

    var code: Int32 {
      switch self {
      case .plain: Int32(INGOT_PATH_PLAIN)
      case .avx2: Int32(INGOT_PATH_AVX2)
      }
    }

    /// Whether the running CPU has these instructions.
    public var isAvailable: Bool { ingot_path_available(code) != 0 }

    /// The fastest available path.
    public static var best: InstructionPath { avx2.isAvailable ? .avx2 : .plain }
  }

  /// The instructions used.
  public let path: InstructionPath
  /// How many threads share the work, at least 1.
  public let threads: Int

  /// Chooses how to compute.
  ///
  /// - Parameters:
  ///   - path: must be available on this CPU.
  ///   - threads: at least 1.
  public init(path: InstructionPath = .best, threads: Int = Compute.processorCount) {
    precondition(path.isAvailable, "the instruction path is available on this CPU")
    precondition(threads >= 1, "at least one thread")
    self.path = path
    self.threads = threads
  }

  /// Splits `0..<count` into at most `threads` contiguous parts of almost equal size and runs `body` on each, in parallel.
  ///
  /// Returns when all are done.
  func split(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = min(threads, count)
    if parts <= 1 {
      if count > 0 { body(0..<count) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      body(count * part / parts..<count * (part + 1) / parts)
    }
  }
}
