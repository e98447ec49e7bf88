// SPDX-License-Identifier: Apache-2.0

/// A byte for every Unicode scalar, kept in pages of 256 that blocks with equal contents share.
struct ScalarTable: Sendable {
  private static let pageSize = 256

  /// For each block of 256 scalars, the number of the page that holds its values.
  private var pageOfBlock = [UInt16](repeating: 0, count: 0x110000 / pageSize)
  /// The pages one after another, beginning with one of zeros.
  private var pages = [UInt8](repeating: 0, count: pageSize)

  /// Reads a generated table: on each line a value and the ranges of scalars that have it, where all others have 0.
  init(_ text: String) {
    for fields in TableText.lines(of: text) {
      let value = UInt8(TableText.number(fields[0]))
      var uniformPage: UInt16?
      for field in fields.dropFirst() {
        let ends = field.split(separator: "-").map { Int(TableText.number($0)) }
        set(ends[0]..<ends[ends.count - 1] + 1, to: value, uniformPage: &uniformPage)
      }
    }
  }

  /// A table with 1 for the scalars given, and 0 for all others.
  init(marking scalars: some Sequence<Unicode.Scalar>) {
    for scalar in scalars {
      setPart(of: Int(scalar.value) / Self.pageSize, Int(scalar.value)..<Int(scalar.value) + 1, to: 1)
    }
  }

  /// The value of `scalar`.
  subscript(_ scalar: Unicode.Scalar) -> UInt8 {
    let number = Int(scalar.value)
    return pages[Int(pageOfBlock[number / Self.pageSize]) * Self.pageSize + number % Self.pageSize]
  }

  /// Sets a range; blocks wholly inside it share one page, made when it is first needed.
  private mutating func set(_ range: Range<Int>, to value: UInt8, uniformPage: inout UInt16?) {
    for block in range.lowerBound / Self.pageSize...(range.upperBound - 1) / Self.pageSize {
      let inBlock = range.clamped(to: block * Self.pageSize..<(block + 1) * Self.pageSize)
      if inBlock.count == Self.pageSize {
        let page = uniformPage ?? addPage(filledWith: value)
        uniformPage = page
        pageOfBlock[block] = page
      } else {
        setPart(of: block, inBlock, to: value)
      }
    }
  }

  private mutating func setPart(of block: Int, _ range: Range<Int>, to value: UInt8) {
    if pageOfBlock[block] == 0 { pageOfBlock[block] = addPage(filledWith: 0) }
    let page = Int(pageOfBlock[block]) * Self.pageSize
    for number in range { pages[page + number % Self.pageSize] = value }
  }

  private mutating func addPage(filledWith value: UInt8) -> UInt16 {
    pages.append(contentsOf: repeatElement(value, count: Self.pageSize))
    return UInt16(pages.count / Self.pageSize - 1)
  }
}
