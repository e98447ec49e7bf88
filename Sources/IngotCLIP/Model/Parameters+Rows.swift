// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Parameters {
  /// The values of weights `[outputs, …]` that are changed before they are used.
  ///
  /// - Parameter name: a tensor of a floating-point type, or integers with scales for each output or its groups.
  /// - Returns: the values, row by row, and how many rows.
  /// - Throws: `unsupported` for another encoding.
  func rows(_ name: String) throws -> (values: [Double], rows: Int) {
    let tensor = try descriptor(name)
    let count = tensor.shape.elementCount
    if case .grouped(_, axis: 0, _) = tensor.encoding {
      return (try bytes(of: tensor) { restored(tensor, $0).map(Double.init) }, tensor.shape[0])
    }
    guard case .int8PerChannel(let axis) = tensor.encoding else { return (try vector(name), tensor.shape[0]) }
    guard axis == 0, let start = tensor.encoding.scaleOffset(of: tensor.shape) else {
      throw CheckpointError(
        .unsupported, .clip, subject: name, "int8 scales run along axis \(axis), inference needs axis 0")
    }
    let rows = tensor.shape[0]
    var values: [Double] = try bytes(of: tensor) { widen($0.extracting(0..<count), of: .int8) }
    let scales = try bytes(of: tensor) { [Float](littleEndianBytes: $0.extracting(start..<start + rows * 4)) }
    for index in values.indices { values[index] *= Double(scales[index / (count / rows)]) }
    return (values, rows)
  }
}
