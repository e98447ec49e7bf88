// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to the pixel kernels.

private import CIngotPixels

/// The inner loops of resizing and normalising, in C.
struct PixelKernels {
  /// Which instructions; all give the same bytes.
  enum Path: Int32, CaseIterable {
    case plain = 0
    case avx2 = 1

    /// Whether the running CPU has them.
    var isAvailable: Bool { ingot_pixels_available(rawValue) != 0 }

    static let best: Path = avx2.isAvailable ? .avx2 : .plain
  }

  var path = Path.best

  /// Changes the width of some rows.
  func resampleColumns(_ image: Raster, rows: Range<Int>, _ weights: ResamplingWeights) -> Raster {
    let outputs = weights.starts.count
    let stride = image.width * image.channels
    let count = outputs * rows.count * image.channels
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= image.height && image.samples.count == stride * image.height,
      "rows are in the image")
    precondition(weights.sources.upperBound <= image.width, "columns are in the image")
    // SAFETY: the kernel reads within the samples and writes `count` bytes.
    let samples = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      unsafe image.samples.withUnsafeBufferPointer { source in
        unsafe withTaps(weights) { taps in
          guard !rows.isEmpty, let from = source.baseAddress, let to = target.baseAddress else { return }
          unsafe ingot_resample_columns(
            path.rawValue, from + rows.lowerBound * stride, source.count - rows.lowerBound * stride, stride,
            rows.count, image.channels, taps, to)
        }
      }
      initialized = count
    }
    return Raster(width: outputs, height: rows.count, channels: image.channels, samples: samples)
  }

  /// Changes the height.
  func resampleRows(_ image: Raster, _ weights: ResamplingWeights) -> Raster {
    let outputs = weights.starts.count
    let line = image.width * image.channels
    let count = outputs * line
    precondition(
      weights.sources.lowerBound >= 0 && weights.sources.upperBound <= image.height
        && image.samples.count == line * image.height, "rows are in the image")
    // SAFETY: the kernel reads within the samples and writes `count` bytes.
    let samples = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      unsafe image.samples.withUnsafeBufferPointer { source in
        unsafe withTaps(weights) { taps in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          unsafe ingot_resample_rows(path.rawValue, from, line, taps, to)
        }
      }
      initialized = count
    }
    return Raster(width: image.width, height: outputs, channels: image.channels, samples: samples)
  }

  /// Puts the channels of red, green, blue pixels in planes, and looks up each sample in its plane's part of a table.
  ///
  /// - Parameters:
  ///   - pixels: red, green, blue of each pixel.
  ///   - table: for each plane, what becomes of the samples 0 to 255.
  ///   - isReversed: whether blue is the first plane.
  /// - Returns: three planes.
  static func planes(_ pixels: [UInt8], _ table: [Float], isReversed: Bool = false) -> [Float] {
    precondition(pixels.count.isMultiple(of: 3) && table.count == 768, "three channels of 256 values")
    // SAFETY: the kernel reads `pixels.count` bytes and writes as many floats.
    return unsafe [Float](unsafeUninitializedCapacity: pixels.count) { target, initialized in
      unsafe pixels.withUnsafeBufferPointer { source in
        unsafe table.withUnsafeBufferPointer { table in
          guard let from = source.baseAddress, let to = target.baseAddress, let table = table.baseAddress else {
            return
          }
          unsafe ingot_pixels_to_planes(from, source.count / 3, isReversed ? 1 : 0, table, to)
        }
      }
      initialized = pixels.count
    }
  }

  private func withTaps(_ weights: ResamplingWeights, _ body: (UnsafePointer<ingot_taps>) -> Void) {
    // SAFETY: the arrays outlive the call, and the kernel takes their sizes from the same structure.
    unsafe weights.starts.withUnsafeBufferPointer { starts in
      unsafe weights.counts.withUnsafeBufferPointer { counts in
        unsafe weights.fixed.withUnsafeBufferPointer { values in
          var taps = unsafe ingot_taps(
            outputs: starts.count, starts: starts.baseAddress, counts: counts.baseAddress, values: values.baseAddress,
            stride: weights.stride)
          unsafe withUnsafePointer(to: &taps) { unsafe body($0) }
        }
      }
    }
  }
}
