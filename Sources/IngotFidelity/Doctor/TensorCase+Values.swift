// SPDX-License-Identifier: Apache-2.0

import Glibc
import IngotBytes
import IngotCLIP
import IngotTensor

extension TensorCase {
  /// The largest number of half precision.
  private static let largestHalf: Float = 65504

  /// NaN and infinities that the source does not have, and numbers cut off at the end of half precision.
  func notFinite() -> Verdict? {
    let wrong = t.indices.filter { !t[$0].isFinite && s[$0].isFinite }
    let cut = t.indices.filter { t[$0].magnitude == Self.largestHalf && s[$0].magnitude > Self.largestHalf }
    let isOverflow = (wrong + cut).allSatisfy { s[$0].magnitude >= Self.largestHalf && t[$0] * s[$0] > 0 }
    if wrong.count + cut.count > 0, isOverflow {
      return finding(
        .halfOverflow,
        "\(wrong.count + cut.count) values beyond 65,504 are \(wrong.isEmpty ? "cut off there" : "infinite")")
    }
    if let first = wrong.first {
      // Backwards bytes make such values too.
      if zip(t, s).allSatisfy({ $0.bitPattern == $1.bitPattern.byteSwapped }) { return nil }
      return finding(.notFinite, "\(wrong.count) of \(count) values, the first at \(first)")
    }
    return nil
  }

  /// A tensor or its last rows are zero.
  func zeros() -> Verdict? {
    if name == "logit_scale" { return nil }
    if t.allSatisfy({ $0 == 0 }) {
      return finding(
        role == .bias || name.hasSuffix(".bias") ? .biasDropped : .zeroFilled, "all \(count) values are 0")
    }
    guard rows > 1, extents.count >= 2 else { return nil }
    func isZero(_ row: Int) -> Bool { (0..<rowLength).allSatisfy { t[row * rowLength + $0] == 0 } }
    let last = (0..<rows).reversed().prefix(while: isZero).count
    if last > 0, name == "text.token_embedding.weight", (0..<rows - last).allSatisfy({ row($0, is: $0) }) {
      return finding(.vocabularyTruncated, "the last \(last) of \(rows) rows are 0")
    }
    let zero = (0..<rows).filter { isZero($0) && !row($0, is: $0) }
    if !zero.isEmpty, (0..<rows).allSatisfy({ row($0, is: $0) || isZero($0) }) {
      return finding(.zeroFilled, "\(zero.count) of \(rows) rows are 0, the first is \(zero[0])")
    }
    return nil
  }

  /// The logit scale.
  func scalar() -> Verdict? {
    guard name == "logit_scale", let found = t.first, let expected = s.first else { return nil }
    let values = "is \(found), the source has \(expected)"
    if found == 0 || found == 1 { return finding(.logitScaleDropped, values) }
    let factor = exp(Double(expected))
    let ways = [
      factor, log(max(Double(expected), .leastNormalMagnitude)), exp(-Double(expected)), 1 / Double(expected),
    ]
    if ways.contains(where: { abs($0 - Double(found)) <= 0.01 * abs($0) }) {
      return finding(.logitScaleExponentiated, values)
    }
    return finding(.logitScaleDropped, values)
  }

  /// Values that went through a type with fewer digits, or lost their smallest numbers.
  func narrowing() -> Verdict? {
    let isTruncated = matches { index in Float(bitPattern: s[index].bitPattern & 0xffff_0000) }
    if isTruncated { return finding(.truncatedNotRounded, "each value is cut off to bfloat16's 8 digits") }
    for type in [ElementType.float16, .bfloat16] {
      let bytes = narrow(s, to: type)
      let rounded: [Float] = bytes.withRawSpan { widen($0, of: type) }
      if matches(rounded) { return finding(.precisionLost, "each value is the source's rounded to \(type.rawValue)") }
    }
    let flushed = t.indices.filter { t[$0] == 0 && !agrees($0, s[$0]) }
    if !flushed.isEmpty, flushed.allSatisfy({ s[$0].magnitude < 0x1p-14 }),
      t.indices.allSatisfy({ t[$0] == 0 || agrees($0, s[$0]) })
    {
      return finding(.subnormalsFlushed, "\(flushed.count) values below 2^-14 are 0")
    }
    return nil
  }

  /// One factor for all values, or one for each channel.
  func factors() -> Verdict? {
    let whole = factor(0..<count)
    if matches(whole, 0..<count) {
      return abs(whole + 1) < 1e-3
        ? finding(.signFlipped, "each value has the opposite sign")
        : finding(.scaled, "each value is the source's times \(Self.short(whole))")
    }
    if let constant = offset() { return constant }
    guard extents.count >= 2, rowLength > 1 else { return nil }
    let each = (0..<rows).map { row($0, is: $0) ? 1 : factor($0 * rowLength..<($0 + 1) * rowLength) }
    if each.indices.allSatisfy({ each[$0] == 1 || matches(each[$0], $0 * rowLength..<($0 + 1) * rowLength) }) {
      guard let first = each.indices.first(where: { abs(each[$0] - 1) > 1e-3 }) else { return nil }
      let wrong = each.indices.filter { abs(each[$0] - 1) > 1e-3 }
      return finding(
        .channelsScaled, "\(wrong.count) of \(rows) rows, row \(first) by \(Self.short(each[first]))")
    }
    return hasScalesOfOtherAxis
      ? finding(.scalesOnWrongAxis, "values of one column have one factor, those of one row the inverse of another")
      : nil
  }

  private func factor(_ range: Range<Int>) -> Double {
    var (dot, square) = (0.0, 0.0)
    for index in range {
      dot += Double(t[index]) * Double(s[index])
      square += Double(s[index]) * Double(s[index])
    }
    return square > 0 ? dot / square : 1
  }

  private func matches(_ factor: Double, _ range: Range<Int>) -> Bool {
    guard factor.isFinite, abs(factor) > 1e-6 else { return false }
    // The factor is found from rounded values itself: of integers, to a part of a step at the end of their range.
    return range.allSatisfy { index in
      let expected = Float(factor * Double(s[index]))
      return agrees(index, expected, factor: abs(factor), slack: model.isInteger ? 1.5 : 1.01)
        || abs(t[index] - expected) <= 2e-6 * expected.magnitude
    }
  }

  /// One number added to all values.
  private func offset() -> Verdict? {
    let differences = t.indices.map { Double(t[$0]) - Double(s[$0]) }
    let mean = differences.reduce(0, +) / Double(max(1, count))
    guard count > 1, mean.isFinite, abs(mean) > 0 else { return nil }
    return matches({ Float(Double(s[$0]) + mean) })
      ? finding(.offset, "each value is the source's plus \(Self.short(mean))") : nil
  }

  /// Whether values are those of integers by rows that were multiplied with the scales of columns: then, of two rows, the quotient of what
  /// was done to one column and to another is the same.
  private var hasScalesOfOtherAxis: Bool {
    guard extents.count == 2, rows == rowLength else { return false }
    var reference: [Int: Double] = [:]
    var (agreeing, compared) = (0, 0)
    for row in 0..<min(rows, 24) {
      let range = row * rowLength..<(row + 1) * rowLength
      let top = range.reduce(Float(0)) { max($0, s[$1].magnitude) }
      var quotients: [(column: Int, value: Double)] = []
      // Only large values keep their digits as integers.
      for index in range where s[index].magnitude >= top / 2 {
        quotients.append((index - range.lowerBound, Double(t[index]) / Double(s[index])))
      }
      let shared = quotients.filter { reference[$0.column] != nil }
      if let first = shared.first, let base = reference[first.column] {
        let factor = first.value / base
        for quotient in shared.dropFirst() {
          compared += 1
          if let other = reference[quotient.column], abs(quotient.value / (other * factor) - 1) < 0.05 { agreeing += 1 }
        }
        for quotient in quotients where reference[quotient.column] == nil {
          reference[quotient.column] = quotient.value / factor
        }
      } else if row == 0 {
        for quotient in quotients { reference[quotient.column] = quotient.value }
      }
    }
    return compared >= 8 && agreeing * 10 >= compared * 9
  }

  /// Variances stored as deviations, or the other way.
  func functions() -> Verdict? {
    guard name.hasSuffix("running_var") else { return nil }
    let ways: [(String, (Double) -> Double)] = [
      ("the square root", { $0.squareRoot() }), ("the square", { $0 * $0 }), ("the inverse", { 1 / $0 }),
      ("the inverse of the square root", { 1 / $0.squareRoot() }),
    ]
    for (what, way) in ways {
      let isSo = t.indices.allSatisfy { index in
        let expected = way(Double(s[index]))
        return abs(Double(t[index]) - expected) <= 1e-3 * abs(expected)
      }
      if isSo { return finding(.varianceAsDeviation, "each value is \(what) of the source's") }
    }
    return nil
  }

  private static func short(_ value: Double) -> String { value.text(digits: 4) }
}
