// SPDX-License-Identifier: Apache-2.0

private import Glibc

extension ImagePreprocessing {
  /// How pixels are interpolated: Pillow's filters, which widen when shrinking (antialias).
  public enum Interpolation: String, Sendable, Hashable, CaseIterable {
    /// The nearest pixel; never widened.
    case nearest
    /// A triangle over 2 × 2 pixels.
    case bilinear
    /// Keys' cubic convolution with a = -0.5 over 4 × 4 pixels.
    case bicubic
    /// A windowed sinc over 6 × 6 pixels.
    case lanczos

    /// The filter's reach on either side, in source pixels when enlarging.
    var support: Double {
      switch self {
      case .nearest: 0.5
      case .bilinear: 1
      case .bicubic: 2
      case .lanczos: 3
      }
    }

    /// The weight at a distance from the output's centre, as Pillow's `Resample.c` computes it.
    func weight(_ distance: Double) -> Double {
      let x = distance.magnitude
      switch self {
      case .nearest: return x < 0.5 ? 1 : 0
      case .bilinear: return x < 1 ? 1 - x : 0
      case .bicubic:
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * -0.5 }
        return 0
      case .lanczos:
        return -3 <= distance && distance < 3 ? Self.sinc(distance) * Self.sinc(distance / 3) : 0
      }
    }

    private static func sinc(_ x: Double) -> Double {
      if x == 0 { return 1 }
      let angle = x * .pi
      return sin(angle) / angle
    }
  }
}
