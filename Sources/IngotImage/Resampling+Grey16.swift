// SPDX-License-Identifier: Apache-2.0

/// Grey of 16 bits: Pillow resizes it in double precision, rounding to 16 bits after each pass.
extension Raster {
  /// Resizes pixels of two bytes, the lower first.
  func resizedGrey16(_ window: CropWindow, _ interpolation: ImagePreprocessing.Interpolation) -> Raster {
    if interpolation == .nearest { return resizedNearest(window) }
    let down = ResamplingWeights(source: height, target: window.height, window: window.rows, interpolation)
    let across = ResamplingWeights(source: width, target: window.width, window: window.columns, interpolation)
    let source = Plane(
      width: width, height: height,
      values: stride(from: 0, to: samples.count, by: 2).map { UInt16(samples[$0]) | UInt16(samples[$0 + 1]) << 8 })
    let result: Plane
    switch PassOrder(width: width, height: height, window) {
    case .rowsFirst:
      result = source.rows(down, from: 0).columns(across, rows: 0..<window.rows.count)
    case .columnsFirst:
      result = source.columns(across, rows: down.sources).rows(down, from: down.sources.lowerBound)
    }
    return Raster(
      width: result.width, height: result.height, channels: 2,
      samples: result.values.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })
  }
}

/// Values of 0...65535.
private struct Plane {
  let width: Int
  let height: Int
  let values: [UInt16]

  func columns(_ weights: ResamplingWeights, rows: Range<Int>) -> Plane {
    let outputs = weights.starts.count
    var result: [UInt16] = []
    result.reserveCapacity(outputs * rows.count)
    for row in rows {
      for output in 0..<outputs {
        let first = row * width + Int(weights.starts[output])
        result.append(sum(weights, output, first: first, step: 1))
      }
    }
    return Plane(width: outputs, height: rows.count, values: result)
  }

  func rows(_ weights: ResamplingWeights, from firstRow: Int) -> Plane {
    let outputs = weights.starts.count
    var result: [UInt16] = []
    result.reserveCapacity(outputs * width)
    for output in 0..<outputs {
      let first = (Int(weights.starts[output]) - firstRow) * width
      for column in 0..<width { result.append(sum(weights, output, first: first + column, step: width)) }
    }
    return Plane(width: width, height: outputs, values: result)
  }

  private func sum(_ weights: ResamplingWeights, _ output: Int, first: Int, step: Int) -> UInt16 {
    var sum = 0.0
    for tap in 0..<Int(weights.counts[output]) {
      sum += Double(values[first + tap * step]) * weights.values[weights.stride * output + tap]
    }
    return UInt16(clamping: Int(sum >= 0 ? sum + 0.5 : sum - 0.5))
  }
}
