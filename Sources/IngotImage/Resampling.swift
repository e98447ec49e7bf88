// SPDX-License-Identifier: Apache-2.0

/// Pixels being resized: rows of interleaved samples.
struct Raster {
  var width: Int
  var height: Int
  /// Bytes of a pixel.
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

/// Which of the two passes of a resize comes first; it shows in the last bit.
enum PassOrder {
  case columnsFirst
  case rowsFirst

  /// Pillow 13 begins with the rows where the height shrinks by more pixels than twice what the width does, which happens to images more
  /// than twice as tall as wide; Pillow 12 begins with the columns.
  init(width: Int, height: Int, _ window: CropWindow) {
    let lostRows = height - window.height
    self =
      width != window.width && lostRows > 0 && lostRows > 2 * (width - window.width) ? .rowsFirst : .columnsFirst
  }
}

extension Raster {
  /// Resizes as Pillow does, in two passes, rounded and clipped to 8 bits after each; only what `window` keeps is computed.
  func resized(
    _ window: CropWindow, _ interpolation: ImagePreprocessing.Interpolation, _ kernels: PixelKernels
  ) -> Raster {
    if interpolation == .nearest { return resizedNearest(window) }
    let down = ResamplingWeights(source: height, target: window.height, window: window.rows, interpolation)
    let across = ResamplingWeights(source: width, target: window.width, window: window.columns, interpolation)
    switch PassOrder(width: width, height: height, window) {
    case .rowsFirst:
      let shrunk = kernels.resampleRows(self, down)
      return kernels.resampleColumns(shrunk, rows: 0..<window.rows.count, across)
    case .columnsFirst:
      let rows = down.sources
      let narrowed = kernels.resampleColumns(self, rows: rows, across)
      return kernels.resampleRows(narrowed, down.shifted(by: rows.lowerBound))
    }
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

  /// The pixels that `window` keeps, where nothing is resized.
  func cropped(_ window: CropWindow) -> Raster {
    var kept: [UInt8] = []
    kept.reserveCapacity(window.rows.count * window.columns.count * channels)
    for row in window.rows {
      let line = row * width
      kept += samples[(line + window.columns.lowerBound) * channels..<(line + window.columns.upperBound) * channels]
    }
    return Raster(width: window.columns.count, height: window.rows.count, channels: channels, samples: kept)
  }

  /// The pixels within a larger image whose other samples are zero.
  ///
  /// - Parameters:
  ///   - newWidth: columns of the larger image.
  ///   - newHeight: its rows.
  ///   - column: where the first column goes.
  ///   - row: where the first row goes.
  /// - Returns: the larger image.
  func padded(width newWidth: Int, height newHeight: Int, column: Int, row: Int) -> Raster {
    if width == newWidth, height == newHeight { return self }
    var result = Raster(
      width: newWidth, height: newHeight, channels: channels,
      samples: [UInt8](repeating: 0, count: newWidth * newHeight * channels))
    for line in 0..<height {
      let target = ((row + line) * newWidth + column) * channels
      let source = line * width * channels
      result.samples.replaceSubrange(
        target..<target + width * channels, with: samples[source..<source + width * channels])
    }
    return result
  }
}
