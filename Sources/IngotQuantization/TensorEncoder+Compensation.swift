// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TensorEncoder {
  /// Encodes as integers that are rounded with compensation.
  ///
  /// - Returns: what was lost; `nil`, and nothing emitted, where its values are not all finite.
  func compensate<R: Real>(
    _ rounding: CompensatedRounding, _ rule: IntegerRule, _ extents: (outer: Int, channels: Int, inner: Int),
    in _: R.Type, _ emit: (LentBytes) throws -> Void
  ) throws -> Outcome? {
    let (outer, channels, inner) = extents
    guard rule.length > 0, channels > 0 else { return nil }
    let stored: [R] = try source.withBytes { widen($0, of: source.descriptor.type) }
    let values =
      outer == 1
      ? stored
      : (0..<channels).flatMap { gather(stored, channel: $0, channels: channels, inner: inner, outer: outer) }
    let single = R.single(values)
    guard single.withRawSpan({ nonfiniteCount(in: $0, of: .float32) }) == 0 else { return nil }
    let scales = rule.nearest(single).scales
    let grid = TriangularFactor.Grid(
      limit: Float(rule.width.limit), scales: scales, length: rule.group?.rawValue ?? rule.length)
    let integers = rounding.rounded(single, to: grid)
    var difference = Difference()
    let perChannel = scales.count / channels
    for begin in stride(from: 0, to: values.count, by: Self.partLength) {
      let part = begin..<min(begin + Self.partLength, values.count)
      let restored = part.map { index in
        let scale = scales[index / rule.length * perChannel + index % rule.length / grid.length]
        return R(Float(integers[index]) * scale)
      }
      difference.add(Difference(from: Array(values[part]), to: restored))
    }
    let placed =
      outer == 1 ? integers : interleaved(integers, channels: channels, inner: inner, outer: outer)
    try emit(rule.width == .int8 ? LentBytes(placed) : LentBytes(packed(placed, rule.width)))
    try emit(LentBytes(tail(scales, isGrouped: rule.group != nil)))
    return outcome(difference, saturated: integers.count { abs(Int($0)) == rule.width.limit })
  }
}
