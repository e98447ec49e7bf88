// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Packed weights of several encoders of one model, which differ in few tensors: what they have in common is packed once.
///
/// Tensors of the same name, type, shape and encoding are taken for the same, unless they are `changing`.
public final class SharedWeights: Sendable {
  private let matrices = Guarded<[TensorDescriptor: WeightMatrix]>([:])
  private let changing: Set<String>
  private let base: SharedWeights?

  /// Nothing packed yet.
  public init() {
    changing = []
    base = nil
  }

  private init(_ base: SharedWeights, changing: Set<String>) {
    self.base = base
    self.changing = changing
  }

  /// The same weights, but for tensors that an encoder has of its own.
  public func except(_ names: Set<String>) -> SharedWeights { SharedWeights(self, changing: names) }

  func matrix(_ tensor: TensorDescriptor) -> WeightMatrix? {
    if changing.contains(tensor.name) { return nil }
    return base?.matrix(tensor) ?? matrices.withLock { $0[tensor] }
  }

  func keep(_ matrix: WeightMatrix, _ tensor: TensorDescriptor) {
    if changing.contains(tensor.name) { return }
    if let base { base.keep(matrix, tensor) } else { matrices.withLock { $0[tensor] = matrix } }
  }
}
