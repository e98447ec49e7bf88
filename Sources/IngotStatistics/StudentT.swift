// SPDX-License-Identifier: Apache-2.0

/// Student's t distribution.
public enum StudentT {
  /// The share below a value.
  ///
  /// - Parameters:
  ///   - t: any number.
  ///   - degrees: degrees of freedom, greater than 0.
  /// - Returns: in 0...1.
  public static func cumulative(_ t: Double, degrees: Double) -> Double {
    let tail = 0.5 * Beta.regularized(degrees / (degrees + t * t), degrees / 2, 0.5)
    return t < 0 ? tail : 1 - tail
  }

  /// The value below which a share lies.
  ///
  /// - Parameters:
  ///   - share: in 0...1.
  ///   - degrees: degrees of freedom, greater than 0.
  /// - Returns: infinite at the ends.
  public static func quantile(_ share: Double, degrees: Double) -> Double {
    if share == 0 || share == 1 { return share == 0 ? -.infinity : .infinity }
    let tail = min(share, 1 - share)
    // t² / (degrees + t²) is beta distributed; near the middle its complement is known more exactly.
    let beyond = Beta.quantile(1 - 2 * tail, 0.5, degrees / 2)
    let t =
      beyond < 0.5
      ? (degrees * beyond / (1 - beyond)).squareRoot()
      : {
        let within = Beta.quantile(2 * tail, degrees / 2, 0.5)
        return (degrees * (1 - within) / within).squareRoot()
      }()
    return share < 0.5 ? -t : t
  }
}
