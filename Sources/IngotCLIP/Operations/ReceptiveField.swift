// SPDX-License-Identifier: Apache-2.0

public import IngotTensor

/// One number of a matrix.
public struct NumberPlace: Sendable, Hashable {
  /// Counted from 0: a token, a place of a map or an example.
  public let row: Int
  /// Counted from 0: a channel.
  public let column: Int

  /// Names a number.
  public init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }
}

/// What one number of an operation's result is made of: a few numbers of its only operand, and how they are put together.
public enum ReceptiveField<R: Real>: Sendable {
  /// A number and its weight.
  public struct Term: Sendable {
    /// Where the number is; `nil` for the number 1.
    public let place: NumberPlace?
    /// What it is multiplied with.
    public let weight: R
  }

  /// The number itself; 0 where there is none.
  case moved(NumberPlace?)
  /// The sum of the terms, in this order.
  case sum([Term])
  /// The mean of numbers, summed in this order.
  case mean([NumberPlace])
  /// The largest of numbers, and of zero where that counts.
  case largest([NumberPlace], orZero: Bool)
  /// One of numbers that are normalised to zero mean and unit variance, scaled and shifted.
  case norm([NumberPlace], index: Int, gain: R, bias: R, epsilon: Double)

  /// The field of a number of the result, where the operand has so many columns.
  public typealias Function = @Sendable (_ place: NumberPlace, _ columns: Int) -> ReceptiveField?

  /// No field.
  public static var none: Function { { _, _ in nil } }
}

extension Windows {
  /// The pixel of the image that a tap of a window sees; `nil` outside the image.
  ///
  /// - Parameters:
  ///   - window: counted row by row over all images, each with `count` of them.
  ///   - tap: counted row by row.
  /// - Returns: the row of the pixel in `[images × height × width, channels]`.
  func pixel(window: Int, tap: Int) -> Int? {
    let (image, place) = window.quotientAndRemainder(dividingBy: count)
    let row = place / outputWidth * stride - padding + tap / kernel
    let column = place % outputWidth * stride - padding + tap % kernel
    guard (0..<height).contains(row), (0..<width).contains(column) else { return nil }
    return (image * height + row) * width + column
  }

  /// A channel of the pixels that a window sees, those outside the image left out.
  func places(of window: Int, channel: Int) -> [NumberPlace] {
    (0..<kernel * kernel).compactMap { tap in
      pixel(window: window, tap: tap).map { NumberPlace(row: $0, column: channel) }
    }
  }
}

extension ReceptiveField {
  /// Gathers windows, each row in the order (channel, row, column).
  static func windows(_ windows: Windows) -> Function {
    { place, _ in
      let (channel, tap) = place.column.quotientAndRemainder(dividingBy: windows.kernel * windows.kernel)
      return .moved(windows.pixel(window: place.row, tap: tap).map { NumberPlace(row: $0, column: channel) })
    }
  }

  /// Takes the largest of each window.
  static func largest(_ windows: Windows, border: PoolingBorder) -> Function {
    { place, _ in
      let inside = windows.places(of: place.row, channel: place.column)
      return .largest(inside, orZero: border == .zeros && inside.count < windows.kernel * windows.kernel)
    }
  }

  /// Takes the mean of each window.
  static func mean(_ windows: Windows) -> Function {
    { place, _ in .mean(windows.places(of: place.row, channel: place.column)) }
  }

  /// Takes the mean of so many rows after each other.
  static func mean(ofRows count: Int) -> Function {
    { place, _ in
      .mean((place.row * count..<(place.row + 1) * count).map { NumberPlace(row: $0, column: place.column) })
    }
  }

  /// Multiplies each channel and adds to it.
  static func affine(_ affine: ChannelAffine<R>) -> Function {
    { place, _ in
      .sum([
        Term(place: nil, weight: affine.shift[place.column]),
        Term(place: place, weight: affine.scale[place.column]),
      ])
    }
  }

  /// Convolves channels, each with kernels of its own.
  static func depthwise(_ convolution: DepthwiseConvolution<R>, _ windows: Windows) -> Function {
    { place, columns in
      let outputs = convolution.bias.count
      var terms: [Term] = []
      for tap in 0..<windows.kernel * windows.kernel {
        guard let pixel = windows.pixel(window: place.row, tap: tap) else { continue }
        terms.append(
          Term(
            place: NumberPlace(row: pixel, column: place.column / max(1, outputs / columns)),
            weight: convolution.weights[tap * outputs + place.column]))
      }
      // Added last: 1 times it, in one rounding.
      return .sum(terms + [Term(place: nil, weight: convolution.bias[place.column])])
    }
  }

  /// Normalises groups of channels over all places of an image.
  static func groupNorm(_ norm: FeatureNorm<R>, groups: Int, area: Int) -> Function {
    { place, columns in
      let width = columns / groups
      let first = place.column / width * width
      let start = place.row / area * area
      let places = (start..<start + area).flatMap { row in
        (first..<first + width).map { NumberPlace(row: row, column: $0) }
      }
      return .norm(
        places, index: (place.row - start) * width + place.column - first, gain: norm.gain[place.column],
        bias: norm.bias[place.column], epsilon: norm.epsilon)
    }
  }
}
