// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Family {
  /// What a person may say of a model when its file does not.
  public struct Options: Sendable, Hashable {
    /// The activation of the MLPs.
    public var activation: Activation?

    /// Makes options.
    ///
    /// - Parameter activation: of the MLPs; `nil` takes what the family is known by.
    public init(activation: Activation? = nil) {
      self.activation = activation
    }
  }

  /// Reads the configuration of a checkpoint of this family.
  ///
  /// - Parameters:
  ///   - tensors: the checkpoint's tensors.
  ///   - options: what the person said of the model.
  /// - Returns: the configuration.
  /// - Throws: `mismatch` when the shapes do not describe a model of the family.
  public func configuration(
    of tensors: [TensorDescriptor], _ options: Options = Options()
  ) throws(CheckpointError) -> CLIPConfiguration {
    try OpenAIShapes.configuration(of: tensors, activation: options.activation)
  }
}
