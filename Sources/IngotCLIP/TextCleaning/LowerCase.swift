// SPDX-License-Identifier: Apache-2.0

/// Lower-cases text as Python's `str.lower` does.
enum LowerCase {
  private static let capitalSigma: Unicode.Scalar = "Σ"
  private static let capitalDottedI: Unicode.Scalar = "İ"

  /// Replaces each scalar by its lower-case form.
  ///
  /// A capital sigma becomes the final form where a cased scalar goes before it and none follows, ignoring scalars such as
  /// apostrophes and accents between. The dotted capital I is the only scalar that becomes two.
  static func apply(to text: inout [Unicode.Scalar]) {
    guard let first = text.firstIndex(where: { distanceNumbers[$0] != 0 || $0 == capitalDottedI }) else { return }
    var result = Array(text[..<first])
    result.reserveCapacity(text.count)
    for index in text[first...].indices {
      switch text[index] {
      case capitalSigma: result.append(isFinal(index, in: text) ? "ς" : "σ")
      case capitalDottedI: result += ["i", "\u{307}"]
      case let scalar: result.append(lowerCased(scalar))
      }
    }
    text = result
  }

  static func lowerCased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let number = distanceNumbers[scalar]
    guard number != 0 else { return scalar }
    return Unicode.Scalar(UInt32(Int32(scalar.value) + distances[Int(number) - 1])) ?? scalar
  }

  private enum SigmaContext: UInt8 {
    case cased = 1
    case ignored = 2
  }

  /// Whether the sigma at `index` ends a word (the condition `Final_Sigma` of the Unicode standard).
  private static func isFinal(_ index: Int, in text: [Unicode.Scalar]) -> Bool {
    func context(_ scalar: Unicode.Scalar) -> SigmaContext? { SigmaContext(rawValue: sigmaContexts[scalar]) }
    let before = text[..<index].last { context($0) != .ignored }
    let after = text[(index + 1)...].first { context($0) != .ignored }
    return before.flatMap(context) == .cased && after.flatMap(context) != .cased
  }
}
