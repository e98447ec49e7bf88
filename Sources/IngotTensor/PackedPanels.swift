// SPDX-License-Identifier: Apache-2.0
//
// Weights packed for the kernels; the rules of Kernels.swift hold here too.

internal import CIngotKernels
import IngotBytes

/// The panels of one weight matrix: packed by the first product that needs them, kept as long as the matrix is.
@safe final class PackedPanels: Sendable {
  private let memory = Guarded<Memory?>(nil)

  /// Written once, before it is handed out; only read afterwards.
  @safe private struct Memory: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
  }

  /// Lends the panels, packing them first where that was not done yet.
  ///
  /// - Parameters:
  ///   - weights: the matrix; its stored bytes are not needed afterwards.
  ///   - workers: the threads that pack.
  ///   - body: must not keep the pointer.
  /// - Returns: what `body` returns.
  /// - Throws: what reading the weights throws.
  func use<T>(of weights: WeightMatrix, _ workers: Workers, _ body: (UnsafeRawPointer?) -> T) throws -> T {
    let memory = try memory.withLock { memory in
      if let packed = memory { return packed }
      let packed = try unsafe Memory(address: pack(weights, workers))
      memory = packed
      return packed
    }
    // SAFETY: the memory lives as long as self, which the caller holds.
    return unsafe body(UnsafeRawPointer(memory.address))
  }

  private func pack(_ weights: WeightMatrix, _ workers: Workers) throws -> UnsafeMutableRawPointer {
    let type = weights.storedType.weightCode
    let panels = (weights.outputs + Int(INGOT_PANEL) - 1) / Int(INGOT_PANEL)
    let size = ingot_panel_bytes(type, weights.inputs) * panels
    // SAFETY: the kernel reads outputs × inputs elements, as checked, and writes the panels' bytes.
    guard let address = unsafe ingot_allocate_panels(size) else {
      preconditionFailure("the kernel ends without memory")
    }
    do {
      try weights.withBytes { bytes in
        precondition(
          bytes.byteCount >= weights.outputs * weights.inputs * weights.storedType.byteCount, "bytes cover the weights")
        unsafe bytes.withUnsafeBytes { stored in
          var source = unsafe ingot_weights(
            values: stored.baseAddress, type: type,
            layout: weights.layout == .outputMajor ? Int32(INGOT_OUTPUT_MAJOR) : Int32(INGOT_INPUT_MAJOR),
            inputs: weights.inputs, outputs: weights.outputs)
          unsafe workers.use { pool in unsafe ingot_run_pack(pool, &source, address) }
        }
      }
    } catch {
      unsafe ingot_free_panels(address)
      throw error
    }
    weights.release()
    return unsafe address
  }

  deinit {
    memory.withLock { memory in
      // SAFETY: nobody uses the panels any more.
      if let packed = memory { unsafe ingot_free_panels(packed.address) }
    }
  }
}
