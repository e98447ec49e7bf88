// SPDX-License-Identifier: Apache-2.0

internal import CIngotKernels
internal import Dispatch

/// Sees the activations that enter products.
public protocol ProductObserver: Sendable {
  /// Called before each product with weights of a checkpoint, always in the same order.
  ///
  /// - Parameters:
  ///   - rows: the activations, `[rows, inputs]`.
  ///   - name: of the tensor that they meet.
  func observe<R: Real>(_ rows: Matrix<R>, meeting name: String)
}

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
    /// AVX-512 with its byte, word and integer dot-product instructions (F, VL, BW, DQ, VNNI), beside AVX2.
    case avx512

    var code: Int32 {
      switch self {
      case .plain: Int32(INGOT_PATH_PLAIN)
      case .avx2: Int32(INGOT_PATH_AVX2)
      case .avx512: Int32(INGOT_PATH_AVX512)
      }
    }

    /// Whether the running CPU has these instructions.
    public var isAvailable: Bool { ingot_path_available(code) != 0 }

    /// The fastest available path.
    public static var best: InstructionPath { avx512.isAvailable ? .avx512 : avx2.isAvailable ? .avx2 : .plain }
  }

  /// The instructions used.
  public let path: InstructionPath
  /// How many threads share the work, from 1 to 1024.
  public let threads: Int
  /// The threads themselves; made when they are first needed, shared by all copies of this value.
  let workers: Workers
  /// Sees what enters each product with weights; changes nothing.
  public var observer: (any ProductObserver)?

  /// Chooses how to compute.
  ///
  /// - Parameters:
  ///   - path: must be available on this CPU.
  ///   - threads: from 1 to 1024.
  public init(path: InstructionPath = .best, threads: Int = Compute.processorCount) {
    precondition(path.isAvailable, "the instruction path is available on this CPU")
    precondition(threads >= 1 && threads <= 1024, "1 to 1024 threads")
    self.path = path
    self.threads = threads
    workers = Workers(threads: threads)
    observer = nil
  }

  /// Whether both compute alike.
  public static func == (a: Compute, b: Compute) -> Bool { a.path == b.path && a.threads == b.threads }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(threads)
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
