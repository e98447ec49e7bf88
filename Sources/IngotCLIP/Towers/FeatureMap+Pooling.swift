// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension FeatureMap {
  /// The largest number of each 3 × 3 window at every second place.
  func maxPooled(border: PoolingBorder, _ compute: Compute) -> FeatureMap {
    let windows = Windows(height: height, width: width, channels: channels, kernel: 3, stride: 2, padding: 1)
    var values: [R] = []
    values.reserveCapacity(images * windows.count * channels)
    for index in 0..<images { values += compute.maxPool(windows, of: image(index), border: border) }
    return FeatureMap(
      pixels: Matrix(values: values, rows: images * windows.count, columns: channels), images: images,
      height: windows.outputHeight, width: windows.outputWidth)
  }

  /// The mean of each image, `[images, channels]`: summed place by place, divided once.
  func average(_ compute: Compute) -> Matrix<R> {
    var values: [R] = []
    values.reserveCapacity(images * channels)
    for index in 0..<images { values += compute.averageRows(image(index), columns: channels) }
    return Matrix(values: values, rows: images, columns: channels)
  }

  /// The same map with each channel so many times, one beside the other.
  func repeatingChannels(_ times: Int) -> FeatureMap {
    guard times > 1 else { return self }
    var values: [R] = []
    values.reserveCapacity(pixels.values.count * times)
    for value in pixels.values {
      for _ in 0..<times { values.append(value) }
    }
    return FeatureMap(
      pixels: Matrix(values: values, rows: pixels.rows, columns: channels * times), images: images, height: height,
      width: width)
  }
}
