// SPDX-License-Identifier: Apache-2.0

/// Brings text into Unicode's Normalization Form C (UAX #15), of the Unicode version of the generated tables.
enum CanonicalComposition {
  /// Whose knowledge of Unicode is followed.
  enum Edition {
    /// Python's, of the version that the tables are made with.
    case python
    /// That of the library `tokenizers`, which does not know the marks of `ScalarTable.laterMarks`.
    case library

    func knows(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .python: true
      case .library: ScalarTable.laterMarks[scalar] == 0
      }
    }

    func combiningClass(of scalar: Unicode.Scalar) -> UInt8 {
      let value = combiningClasses[scalar]
      return value != 0 && knows(scalar) ? value : 0
    }
  }

  /// Replaces the text by its composed form.
  static func apply(to text: inout [Unicode.Scalar], edition: Edition = .python) {
    guard text.contains(where: { mayChange[$0] != 0 }) else { return }
    var decomposed = decompose(text, edition)
    order(&decomposed, edition)
    text = compose(decomposed, edition)
  }

  /// Replaces the text by its decomposed form (NFD).
  static func decompose(_ text: inout [Unicode.Scalar], edition: Edition = .python) {
    guard text.contains(where: { $0.value >= 0xC0 }) else { return }
    var decomposed = decompose(text, edition)
    order(&decomposed, edition)
    text = decomposed
  }

  private static func decompose(_ text: [Unicode.Scalar], _ edition: Edition) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      if let parts = decompositions[scalar] ?? Hangul.decomposition(of: scalar), edition.knows(scalar) {
        result += parts
      } else {
        result.append(scalar)
      }
    }
    return result
  }

  /// Sorts each run of scalars with combining classes by class; those of one class keep their order.
  private static func order(_ text: inout [Unicode.Scalar], _ edition: Edition) {
    var start = 0
    while start < text.count {
      guard edition.combiningClass(of: text[start]) != 0 else {
        start += 1
        continue
      }
      let end = text[start...].firstIndex { edition.combiningClass(of: $0) == 0 } ?? text.count
      if end - start > 1 {
        let sorted = text[start..<end].enumerated().sorted { left, right in
          (edition.combiningClass(of: left.element), left.offset)
            < (edition.combiningClass(of: right.element), right.offset)
        }
        text.replaceSubrange(start..<end, with: sorted.map(\.element))
      }
      start = end
    }
  }

  /// Joins each starter with the scalars after it that it makes a single scalar with.
  private static func compose(_ text: [Unicode.Scalar], _ edition: Edition) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var starter: Int?
    var lastClass: UInt8 = 0
    for scalar in text {
      let combiningClass = edition.combiningClass(of: scalar)
      // Blocked from its starter by a scalar between them of the same class, or by any when it is itself a starter.
      let isBlocked = lastClass != 0 && lastClass >= combiningClass
      if let starter, !isBlocked, let composed = composition(result[starter], scalar),
        edition.knows(composed)
      {
        result[starter] = composed
        continue
      }
      if combiningClass == 0 { starter = result.count }
      lastClass = combiningClass
      result.append(scalar)
    }
    return result
  }

  private static func composition(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    mayChange[second] == 0 ? nil : compositions[first, second] ?? Hangul.composition(first, second)
  }
}

/// The arithmetic between Korean syllables and their letters (Unicode standard, section 3.12).
private enum Hangul {
  static let leading: UInt32 = 0x1100
  static let vowel: UInt32 = 0x1161
  static let trailing: UInt32 = 0x11A7
  static let syllable: UInt32 = 0xAC00
  static let leadingCount: UInt32 = 19
  static let vowelCount: UInt32 = 21
  static let trailingCount: UInt32 = 28
  static let syllableCount = leadingCount * vowelCount * trailingCount

  static func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    guard let index = offset(of: scalar, from: syllable, below: syllableCount) else { return nil }
    let last = index % trailingCount
    let letters = [
      leading + index / trailingCount / vowelCount, vowel + index / trailingCount % vowelCount, trailing + last,
    ]
    return letters.prefix(last == 0 ? 2 : 3).compactMap(Unicode.Scalar.init)
  }

  static func composition(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    if let left = offset(of: first, from: leading, below: leadingCount),
      let right = offset(of: second, from: vowel, below: vowelCount)
    {
      return Unicode.Scalar(syllable + (left * vowelCount + right) * trailingCount)
    }
    if let left = offset(of: first, from: syllable, below: syllableCount), left % trailingCount == 0,
      let right = offset(of: second, from: trailing, below: trailingCount), right != 0
    {
      return Unicode.Scalar(syllable + left + right)
    }
    return nil
  }

  private static func offset(of scalar: Unicode.Scalar, from base: UInt32, below count: UInt32) -> UInt32? {
    scalar.value >= base && scalar.value < base + count ? scalar.value - base : nil
  }
}
