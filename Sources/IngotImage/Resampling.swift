// SPDX-License-Identifier: Apache-2.0

/// Pixels being resized: rows of interleaved samples.
struct Raster {
  var width: Int
  var height: Int
  let channels: Int
  var samples: [UInt8]
}

/// The part of a resized image that a crop keeps.
struct CropWindow {
  /// Size of the whole resized image.
  let width: Int
  let height: Int
  /// The columns and rows kept.
  let columns: Range<Int>
  let rows: Range<Int>
}

extension Raster {
  /// Resizes as Pillow's BICUBIC does, in two passes, rounded and clipped to 8 bits after each; only what `window` keeps is computed.
  ///
  /// Which pass comes first shows in the last bit. Pillow 13 begins with the rows where the height shrinks by more pixels than twice
  /// what the width does, which happens to images more than twice as tall as wide; Pillow 12 begins with the columns.
  func resizedBicubic(_ window: CropWindow) -> Raster {
    let down = ResamplingWeights(source: height, target: window.height, window: window.rows)
    let across = ResamplingWeights(source: width, target: window.width, window: window.columns)
    let lostRows = height - window.height
    if width != window.width, lostRows > 0, lostRows > 2 * (width - window.width) {
      return vertical(down, firstRow: 0).horizontal(across, rows: 0..<window.rows.count)
    }
    return horizontal(across, rows: down.sources).vertical(down, firstRow: down.sources.lowerBound)
  }

  private static let half: Int32 = 1 << (ResamplingWeights.precision - 1)

  private static func clipped(_ sum: Int32) -> UInt8 {
    UInt8(clamping: sum >> ResamplingWeights.precision)
  }

  // In both passes the sums wrap on overflow, as the compiler then needs no branch inside the loop; they cannot overflow: the magnitudes of an
  // output's weights add up to less than 2 * 2^22 (the filter's negative lobes are small), samples are below 2^8, and 2^31 is the limit.

  private func horizontal(_ weights: ResamplingWeights, rows: Range<Int>) -> Raster {
    let outputs = weights.starts.count
    var result = Raster(
      width: outputs, height: rows.count, channels: channels,
      samples: [UInt8](repeating: 0, count: outputs * rows.count * channels))
    var target = 0
    for row in rows {
      let line = row * width * channels
      for output in 0..<outputs {
        let count = weights.counts[output]
        let place = weights.places[output]
        let first = line + weights.starts[output] * channels
        for channel in 0..<channels {
          var sum = Self.half
          var source = first + channel
          for weight in place..<place + count {
            sum &+= Int32(samples[source]) &* weights.values[weight]
            source += channels
          }
          result.samples[target] = Self.clipped(sum)
          target += 1
        }
      }
    }
    return result
  }

  private func vertical(_ weights: ResamplingWeights, firstRow: Int) -> Raster {
    let line = width * channels
    let outputs = weights.starts.count
    var result = Raster(
      width: width, height: outputs, channels: channels, samples: [UInt8](repeating: 0, count: line * outputs))
    var sums = [Int32](repeating: 0, count: line)
    for output in 0..<outputs {
      for index in 0..<line { sums[index] = Self.half }
      for offset in 0..<weights.counts[output] {
        let weight = weights.values[weights.places[output] + offset]
        let source = (weights.starts[output] - firstRow + offset) * line
        for index in 0..<line { sums[index] &+= Int32(samples[source + index]) &* weight }
      }
      for index in 0..<line { result.samples[output * line + index] = Self.clipped(sums[index]) }
    }
    return result
  }

  /// Resizes as Pillow's NEAREST does: places are added up in double precision, not multiplied.
  func resizedNearest(_ window: CropWindow) -> Raster {
    let columns = Self.nearest(source: width, target: window.width, window: window.columns)
    let rows = Self.nearest(source: height, target: window.height, window: window.rows)
    var result = Raster(width: columns.count, height: rows.count, channels: channels, samples: [])
    result.samples.reserveCapacity(columns.count * rows.count * channels)
    for row in rows {
      for column in columns {
        for channel in 0..<channels {
          // A place that rounding pushed out of the image stays zero.
          let isInside = row < height && column < width
          result.samples.append(isInside ? samples[(row * width + column) * channels + channel] : 0)
        }
      }
    }
    return result
  }

  private static func nearest(source: Int, target: Int, window: Range<Int>) -> [Int] {
    let scale = Double(Float(source)) / Double(target)
    var place = scale * 0.5
    var found: [Int] = []
    for output in 0..<window.upperBound {
      if window.contains(output) { found.append(Int(place)) }
      place += scale
    }
    return found
  }
}
