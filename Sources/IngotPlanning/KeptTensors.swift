// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotQuantization
import IngotTensor

/// Encoded tensors, as many as there is room for.
final class KeptTensors: Sendable {
  private struct State {
    var byTarget: [TensorDescriptor: EncodedTensor] = [:]
    var bytes = 0
  }

  /// All encodings of a model of 25 million weights, or two and a plan of one of 400 million.
  private static let most = 1 << 30

  private let state = Guarded(State())

  /// What is kept of a tensor.
  subscript(_ target: TensorDescriptor) -> EncodedTensor? { state.withLock { $0.byTarget[target] } }

  /// Keeps a tensor where there is room.
  func keep(_ tensor: EncodedTensor) {
    state.withLock { state in
      guard state.bytes + tensor.bytes.count <= Self.most, state.byTarget[tensor.target] == nil else { return }
      state.bytes += tensor.bytes.count
      state.byTarget[tensor.target] = tensor
    }
  }
}
