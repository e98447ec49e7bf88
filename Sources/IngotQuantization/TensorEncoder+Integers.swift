// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TensorEncoder {
  /// Encodes as symmetric integers with one scale for each index of `axis`, or for each group of the elements with the same index.
  func quantize<R: Real>(
    _ width: IntegerWidth, axis: Int, group: GroupSize?, in _: R.Type, _ emit: (LentBytes) throws -> Void
  ) throws -> Outcome {
    let shape = target.shape
    let channels = shape[axis]
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let outer = shape.extents[..<axis].reduce(1, *)
    let type = source.descriptor.type
    let rule = IntegerRule(
      width: width, group: group, length: outer * inner, searches: self.scales != .absmax,
      moments: moments.count == outer * inner ? moments : [])
    if let rounding, let outcome = try compensate(rounding, rule, (outer, channels, inner), in: R.self, emit) {
      return outcome
    }
    let perChannel = group.map { $0.count(in: rule.length) } ?? 1
    var scales = [Float](repeating: 0, count: channels * perChannel)
    var difference = Difference()
    var saturated = 0
    if outer == 1 {
      // Channels are runs of `inner` values: whole channels are encoded at a time.
      // Of packed integers eight at a time, which end at a whole byte.
      let part = max(1, Self.partLength / max(1, inner))
      let together = width == .int8 ? part : (part + 7) / 8 * 8
      let groups = (channels + together - 1) / together
      var channel = 0
      let source = source
      try source.withBytes { _ in }
      try compute.pipeline(groups) { index in
        let begin = index * together
        let end = min(begin + together, channels)
        let values: [R] = try source.withBytes { bytes in
          widen(bytes.extracting(begin * inner * type.byteCount..<end * inner * type.byteCount), of: type)
        }
        return Run(values, rule)
      } consume: { run in
        scales.replaceSubrange(channel..<channel + run.scales.count, with: run.scales)
        channel += run.scales.count
        difference.add(run.difference)
        saturated += run.saturated
        try emit(width == .int8 ? LentBytes(run.bytes) : LentBytes(packed(run.bytes, width)))
      }
    } else {
      // Channels are interleaved: bring each together, encode, and put its bytes back in their places.
      let values: [R] = try source.withBytes { widen($0, of: type) }
      let runs = try compute.map(channels) { channel in
        Run(gather(values, channel: channel, channels: channels, inner: inner, outer: outer), rule)
      }
      var integers: [Int8] = []
      integers.reserveCapacity(values.count)
      for (channel, run) in runs.enumerated() {
        scales.replaceSubrange(channel * perChannel..<channel * perChannel + run.scales.count, with: run.scales)
        difference.add(run.difference)
        saturated += run.saturated
        integers += run.bytes
      }
      let bytes = interleaved(integers, channels: channels, inner: inner, outer: outer)
      try emit(width == .int8 ? LentBytes(bytes) : LentBytes(packed(bytes, width)))
    }
    try emit(LentBytes(tail(scales, isGrouped: group != nil)))
    return outcome(difference, saturated: saturated)
  }

  /// What follows the integers: bytes to fill up, and the scales.
  func tail(_ scales: [Float], isGrouped: Bool) -> [UInt8] {
    let stored = target.encoding.integerByteCount(elementCount: target.shape.elementCount)
    let padding = [UInt8](repeating: 0, count: (target.encoding.scaleOffset(of: target.shape) ?? stored) - stored)
    // Scales of groups are bfloat16 already: nothing is rounded here.
    return padding + (isGrouped ? narrow(scales, to: .bfloat16) : scales.withRawSpan { $0.copied() })
  }

  func outcome(_ difference: Difference, saturated: Int) -> Outcome {
    let count = target.shape.elementCount
    return Outcome(
      fidelity: TensorFidelity(
        verdict: difference.different == 0 ? .exactlyRepresentable : .approximate, maximumError: difference.largest,
        relativeError: difference.relativeError, saturatedShare: count == 0 ? 0 : Double(saturated) / Double(count)),
      nonfinite: difference.nonfinite, overflowed: difference.created)
  }

  func gather<R: Real>(_ values: [R], channel: Int, channels: Int, inner: Int, outer: Int) -> [R] {
    var gathered: [R] = []
    gathered.reserveCapacity(outer * inner)
    for o in 0..<outer {
      let start = (o * channels + channel) * inner
      gathered += values[start..<start + inner]
    }
    return gathered
  }

  /// Puts channels that lie one after the other where the tensor has them.
  func interleaved(_ integers: [Int8], channels: Int, inner: Int, outer: Int) -> [Int8] {
    var placed = [Int8](repeating: 0, count: integers.count)
    for channel in 0..<channels {
      for o in 0..<outer {
        for i in 0..<inner {
          placed[(o * channels + channel) * inner + i] = integers[(channel * outer + o) * inner + i]
        }
      }
    }
    return placed
  }
}

/// How channels become integers.
struct IntegerRule: Sendable {
  let width: IntegerWidth
  let group: GroupSize?
  /// Values of a channel.
  let length: Int
  let searches: Bool
  let moments: [Float]

  /// The scales of whole channels, the integers nearest to their values, and what these stand for.
  func nearest(
    _ values: [Float]
  ) -> (integers: [Int8], scales: [Float], restored: [Float], saturated: Int) {
    if group == nil, !searches {
      let rows = QuantizedRows(values, length: length)
      return (rows.bytes, rows.scales, rows.restored, rows.saturated)
    }
    let rows = QuantizedGroups(values, length: length, width, group: group, searches: searches, moments: moments)
    return (rows.integers, rows.scales, rows.restored, rows.saturated)
  }
}

/// Some whole channels, encoded.
private struct Run: Sendable {
  var bytes: [Int8] = []
  var scales: [Float] = []
  var difference: Difference
  var saturated = 0

  /// Encodes consecutive channels.
  ///
  /// Values that are infinite or not a number are counted, and nothing is encoded: the caller refuses the tensor.
  init<R: Real>(_ values: [R], _ rule: IntegerRule) {
    let single = R.single(values)
    let isFinite = single.withRawSpan { nonfiniteCount(in: $0, of: .float32) == 0 }
    guard isFinite else {
      difference = Difference(from: values, to: single.map { R($0) })
      bytes = [Int8](repeating: 0, count: values.count)
      let perChannel = rule.group.map { $0.count(in: rule.length) } ?? 1
      scales = [Float](repeating: 1, count: rule.length == 0 ? 0 : values.count / rule.length * perChannel)
      return
    }
    let rows = rule.nearest(single)
    (bytes, scales, saturated) = (rows.integers, rows.scales, rows.saturated)
    difference = Difference(from: values, to: R.exactly(rows.restored))
  }
}
