// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

extension ImageResizing {
  /// The copy of a plan with the positions of the other size.
  ///
  /// - Parameter copy: made for the model as it is.
  /// - Returns: the same copy for any other tensor.
  func applied(to copy: ConversionPlan.Copy) -> ConversionPlan.Copy {
    guard copy.target.name == Self.tensor else { return copy }
    let rows = interpolation.extraTokens + interpolation.to * interpolation.to
    // Tables are stored plain in every encoding; the size has been checked.
    guard copy.target.encoding == .plain,
      let shape = Shape(checking: [rows, copy.target.shape[1]]),
      let target = TensorDescriptor(
        name: copy.target.name, type: copy.target.type, shape: shape, access: copy.target.access)
    else { preconditionFailure("positions are plain and not too large") }
    var resized = ConversionPlan.Copy(parts: copy.parts, target: target, role: copy.role)
    resized.interpolation = interpolation
    return resized
  }
}
