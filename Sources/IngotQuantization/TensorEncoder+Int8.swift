// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TensorEncoder {
  /// Encodes as symmetric int8 with one scale for each index of `axis`.
  func quantize<R: Real>(axis: Int, in _: R.Type, _ emit: (LentBytes) throws -> Void) throws -> Outcome {
    let shape = target.shape
    let channels = shape[axis]
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let outer = shape.extents[..<axis].reduce(1, *)
    let type = source.descriptor.type
    var scales = [Float](repeating: 0, count: channels)
    var difference = Difference()
    var saturated = 0
    if outer == 1 {
      // Channels are runs of `inner` values: whole channels are encoded at a time.
      let together = max(1, Self.partLength / max(1, inner))
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
        return Run(values, length: inner)
      } consume: { run in
        scales.replaceSubrange(channel..<channel + run.scales.count, with: run.scales)
        channel += run.scales.count
        difference.add(run.difference)
        saturated += run.saturated
        try emit(LentBytes(run.bytes))
      }
    } else {
      // Channels are interleaved: bring each together, encode, and put its bytes back in their places.
      let values: [R] = try source.withBytes { widen($0, of: type) }
      let runs = try compute.map(channels) { channel in
        Run(gather(values, channel: channel, channels: channels, inner: inner, outer: outer), length: outer * inner)
      }
      var bytes = [Int8](repeating: 0, count: values.count)
      for (channel, run) in runs.enumerated() {
        scales[channel] = run.scales[0]
        difference.add(run.difference)
        saturated += run.saturated
        for o in 0..<outer {
          for i in 0..<inner { bytes[(o * channels + channel) * inner + i] = run.bytes[o * inner + i] }
        }
      }
      try emit(LentBytes(bytes))
    }
    let count = shape.elementCount
    let padding = (target.encoding.scaleOffset(of: shape) ?? count) - count
    try emit(LentBytes([UInt8](repeating: 0, count: padding) + scales.withRawSpan { $0.copied() }))
    return Outcome(
      fidelity: TensorFidelity(
        verdict: difference.different == 0 ? .exactlyRepresentable : .approximate, maximumError: difference.largest,
        relativeError: difference.relativeError, saturatedShare: count == 0 ? 0 : Double(saturated) / Double(count)),
      nonfinite: difference.nonfinite, overflowed: difference.created)
  }

  private func gather<R: Real>(_ values: [R], channel: Int, channels: Int, inner: Int, outer: Int) -> [R] {
    var gathered: [R] = []
    gathered.reserveCapacity(outer * inner)
    for o in 0..<outer {
      let start = (o * channels + channel) * inner
      gathered += values[start..<start + inner]
    }
    return gathered
  }
}

/// Some whole channels, encoded.
private struct Run: Sendable {
  var bytes: [Int8] = []
  var scales: [Float] = []
  var difference: Difference
  var saturated = 0

  /// Encodes consecutive channels of `length` values each.
  ///
  /// Values that are infinite or not a number are counted, and nothing is encoded: the caller refuses the tensor.
  init<R: Real>(_ values: [R], length: Int) {
    let single = (values as? [Float]) ?? values.map { Float($0) }
    let isFinite = single.withRawSpan { nonfiniteCount(in: $0, of: .float32) == 0 }
    guard isFinite else {
      difference = Difference(from: values, to: single.map { R($0) })
      bytes = [Int8](repeating: 0, count: values.count)
      scales = [Float](repeating: 1, count: length == 0 ? 0 : values.count / length)
      return
    }
    let rows = QuantizedRows(single, length: length)
    bytes = rows.bytes
    scales = rows.scales
    saturated = rows.saturated
    let restored = (rows.restored as? [R]) ?? rows.restored.map { R($0) }
    difference = Difference(from: values, to: restored)
  }
}
