// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Gives the values that a stored tensor stands for.
public enum TensorDecoder {
  /// The values as float32: exact, but for F64, which is rounded.
  ///
  /// - Parameters:
  ///   - tensor: plain F16, BF16, F32 or F64, or integers with scales.
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
    case .grouped: return restored(tensor, bytes)
    }
  }

  /// Of integers, the scale of each element, row-major.
  ///
  /// - Parameters:
  ///   - tensor: integers with scales.
  ///   - bytes: its bytes.
  /// - Returns: one number for each element.
  public static func steps(of tensor: TensorDescriptor, _ bytes: RawSpan) -> [Float] {
    let count = tensor.shape.elementCount
    guard let start = tensor.encoding.scaleOffset(of: tensor.shape) else { preconditionFailure("integers with scales") }
    func inner(_ axis: Int) -> Int { tensor.shape.extents[(axis + 1)...].reduce(1, *) }
    switch tensor.encoding {
    case .plain: preconditionFailure("integers with scales")
    case .int8PerChannel(let axis):
      let (channels, inner) = (tensor.shape[axis], inner(axis))
      let scales = [Float](littleEndianBytes: bytes.extracting(start..<start + channels * 4))
      return (0..<count).map { scales[$0 / inner % channels] }
    case .grouped(_, let axis, let group):
      let (channels, inner) = (tensor.shape[axis], inner(axis))
      let groups = channels == 0 ? 0 : group.count(in: count / channels)
      let scales: [Float] = widen(bytes.extracting(start..<start + channels * groups * 2), of: .bfloat16)
      return (0..<count).map { index in
        let place = index / inner / channels * inner + index % inner
        return scales[index / inner % channels * groups + place / group.rawValue]
      }
    }
  }
}
