// SPDX-License-Identifier: Apache-2.0

extension Windows {
  /// The windows as rows of a matrix, for a product that is looked at on its own; `Compute.convolve` does without it.
  ///
  /// - Parameter image: `[height × width, channels]`.
  /// - Returns: `[count, kernel × kernel × channels]`, each row in the order (channel, row, column); zero outside the image.
  public func rows<R: Real>(of image: ArraySlice<R>) -> [R] {
    precondition(image.count == height * width * channels, "the image has its size")
    var values: [R] = []
    values.reserveCapacity(count * kernel * kernel * channels)
    for window in 0..<count {
      let (top, left) = (window / outputWidth * stride - padding, window % outputWidth * stride - padding)
      for channel in 0..<channels {
        for row in top..<top + kernel {
          for column in left..<left + kernel {
            let isInside = row >= 0 && row < height && column >= 0 && column < width
            values.append(isInside ? image[image.startIndex + (row * width + column) * channels + channel] : 0)
          }
        }
      }
    }
    return values
  }
}
