// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Gives the values that a stored tensor stands for.
public enum TensorDecoder {
  /// The values as float32: exact, but for F64, which is rounded.
  ///
  /// - Parameters:
  ///   - tensor: plain F16, BF16, F32 or F64, or int8 per channel.
  ///   - bytes: its bytes.
  /// - Returns: one number for each element, row-major.
  /// - Throws: `unsupported` for another type.
  public static func values(of tensor: TensorDescriptor, _ bytes: RawSpan) throws(CheckpointError) -> [Float] {
    switch tensor.encoding {
    case .plain:
      guard tensor.type.isComputable else {
        throw CheckpointError(
          .unsupported, .tensor, subject: tensor.name, "found \(tensor.type.rawValue), expected a floating-point type")
      }
      return widen(bytes, of: tensor.type)
    case .int8PerChannel:
      var values: [Float] = widen(bytes.extracting(0..<tensor.shape.elementCount), of: .int8)
      let steps = steps(of: tensor, bytes)
      for index in values.indices { values[index] *= steps[index] }
      return values
    }
  }

  /// For int8, the scale of each element, row-major.
  ///
  /// - Parameters:
  ///   - tensor: int8 per channel.
  ///   - bytes: its bytes.
  /// - Returns: one number for each element.
  public static func steps(of tensor: TensorDescriptor, _ bytes: RawSpan) -> [Float] {
    guard case .int8PerChannel(let axis) = tensor.encoding, let start = tensor.encoding.scaleOffset(of: tensor.shape)
    else {
      preconditionFailure("an int8 tensor")
    }
    let channels = tensor.shape[axis]
    let inner = tensor.shape.extents[(axis + 1)...].reduce(1, *)
    let scales = [Float](littleEndianBytes: bytes.extracting(start..<start + channels * 4))
    return (0..<tensor.shape.elementCount).map { scales[$0 / inner % channels] }
  }
}
