// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What the integers of a tensor that PyTorch quantized stand for: (integer − zero point) · scale.
struct Quantization: Sendable, Hashable {
  /// The axis along which scales differ; `nil` when there is one for the whole tensor.
  let axis: Int?
  /// One, or as many as the axis has elements.
  let scales: [Double]
  /// As many as scales.
  let zeroPoints: [Int]

  /// In a few words, for reports.
  func label(_ storedType: ElementType) -> String {
    "\(storedType.rawValue) quantized \(axis.map { "per channel of axis \($0)" } ?? "per tensor"), read as PyTorch's dequantize() gives it"
  }

  /// The values, bit for bit as `Tensor.dequantize()` computes them.
  ///
  /// PyTorch (`aten/src/ATen/native/quantized`) subtracts in integers. Per tensor it multiplies in float32, by the scale rounded to
  /// that; per channel in float64, and rounds the product.
  ///
  /// - Parameters:
  ///   - integers: the stored elements, contiguous and little-endian.
  ///   - type: theirs: int8, uint8 or int32.
  ///   - shape: the tensor's.
  /// - Returns: float32 values, little-endian.
  func dequantized(_ integers: [UInt8], _ type: ElementType, _ shape: Shape) -> [UInt8] {
    // Elements that share a scale lie together: all those after the axis.
    let run = axis.map { shape.extents[($0 + 1)...].reduce(1, *) } ?? max(shape.elementCount, 1)
    return integers.withRawSpan { bytes in
      var out: [UInt8] = []
      out.reserveCapacity(shape.elementCount * 4)
      for index in 0..<shape.elementCount {
        let channel = axis == nil ? 0 : index / run % scales.count
        let value =
          switch type {
          case .int8: Int(Int8(bitPattern: bytes[byte: index]))
          case .uint8: Int(bytes[byte: index])
          default: Int(bytes.littleEndian(Int32.self, at: index * 4))
          }
        // A zero point from a hostile file may be any number: it wraps rather than traps.
        let difference = value &- zeroPoints[channel]
        let real =
          axis == nil
          ? Float(difference) * Float(scales[channel]) : Float(Double(difference) * scales[channel])
        let bits = real.bitPattern
        for shift: UInt32 in [0, 8, 16, 24] { out.append(UInt8(truncatingIfNeeded: bits >> shift)) }
      }
      return out
    }
  }
}
