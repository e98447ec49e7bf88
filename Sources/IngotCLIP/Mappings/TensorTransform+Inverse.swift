// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TensorTransform {
  /// The transform that a tensor of a certain shape really goes through: how many dimensions of 1 are dropped before and after all others.
  ///
  /// - Parameters:
  ///   - shape: of the tensor; one that the transform takes.
  ///   - target: of what it becomes.
  /// - Returns: the same, but for `ones`; a number stored as `[1]` is reshaped.
  public func observed(on shape: Shape, becoming target: Shape) -> TensorTransform {
    let isNumber = layout == .copy && target.rank == 0 && shape.rank > 0
    guard layout == .reshape || isNumber else { return self }
    let extents = shape.extents.dropFirst(slice == nil ? 0 : 1)
    let before = extents.prefix { $0 == 1 }.count
    let after = extents.dropFirst(before).reversed().prefix { $0 == 1 }.count
    let isAround = extents.dropFirst(before).dropLast(after).allSatisfy { $0 != 1 }
    return TensorTransform(
      layout: .reshape, ones: isAround ? before : nil, onesAfter: isAround ? after : 0, slice: slice, rows: rows)
  }

  /// What several transforms are called together, where their results make one tensor.
  ///
  /// - Parameter transforms: of the parts, in order.
  /// - Returns: as the tables write it, each different transform once.
  public static func summary(_ transforms: [TensorTransform]) -> String {
    let words = Set(transforms.map(\.description)).sorted().joined(separator: "; ")
    guard transforms.count > 1 else { return words }
    return words == TensorTransform().description ? "concatenate" : "\(words), concatenate"
  }

  /// Reads what `description` writes; `nil` for any other text.
  ///
  /// - Parameter text: as provenance has it, without `concatenate`.
  public init?(parsing text: String) {
    var (slice, layout, ones, onesAfter): (Int?, Layout?, Int?, Int) = (nil, nil, nil, 0)
    var rows: Range<Int>?
    for word in text.split(separator: ",").map({ $0.drop { $0 == " " } }) {
      let parts = word.split(separator: " ")
      switch (parts.first, parts.count) {
      case ("slice", 2):
        guard slice == nil, let number = Int(parts[1]), number >= 0 else { return nil }
        slice = number
      case ("rows", 2):
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard rows == nil, ends.count == 2, let first = Int(ends[0]), first >= 0 else { return nil }
        guard let last = ends[1].isEmpty ? Int.max - 1 : Int(ends[1]), (first..<Int.max).contains(last) else {
          return nil
        }
        rows = first..<(last + 1)
      case ("reshape", 2):
        let numbers = parts[1].split(separator: "+", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard layout == nil, numbers.count <= 2, numbers.allSatisfy((0...8).contains) else { return nil }
        (layout, ones, onesAfter) = (.reshape, numbers[0], numbers.count == 2 ? numbers[1] : 0)
      default:
        guard layout == nil, let named = Layout(rawValue: String(word)) else { return nil }
        layout = named
      }
    }
    guard let layout else { return nil }
    self.init(layout: layout, ones: ones, onesAfter: onesAfter, slice: slice, rows: rows)
  }

  /// Where the elements of a tensor lie in what the transform made of it.
  ///
  /// - Parameters:
  ///   - part: shape of the result; of its rows those that were made of the tensor.
  ///   - type: of the elements.
  ///   - offset: of the part's first element in the result.
  ///   - heads: of the tower's attention, for what folded them.
  /// - Returns: the tensor's shape, without the dimension of a stack, over the result's bytes.
  /// - Throws: `unsupported` where shape or elements of the tensor are not known any more, saying which.
  func restored(
    _ part: Shape, _ type: ElementType, offset: Int, heads: Int?
  ) throws(CheckpointError) -> StridedLayout {
    func unknown(_ detail: String) -> CheckpointError { CheckpointError(.unsupported, .clip, detail) }
    if let rows {
      let kept =
        rows.upperBound == .max ? "\(rows.lowerBound) and later" : "\(rows.lowerBound) to \(rows.upperBound - 1)"
      throw unknown("only its rows \(kept) were taken, the others are not known")
    }
    let extents = part.extents
    let steps = part.contiguousStrides
    func divided(_ width: Int) throws(CheckpointError) -> (heads: Int, width: Int) {
      guard let heads, heads > 0, width % heads == 0 else {
        throw unknown("its dimension of heads is not known: they were folded into \(width)")
      }
      return (heads, width / heads)
    }
    func requireRank(_ rank: Int) throws(CheckpointError) {
      guard extents.count == rank else { throw unknown("\(self) makes \(rank) dimensions, found \(part)") }
    }
    let arranged: (extents: [Int], strides: [Int])
    switch layout {
    case .copy: arranged = (extents, steps)
    case .reshape:
      guard let ones else { throw unknown("its dimensions of 1 are not known") }
      let (before, after) = ([Int](repeating: 1, count: ones), [Int](repeating: 1, count: onesAfter))
      arranged = (before + extents + after, before + steps + after)
    case .flatten:
      try requireRank(1)
      let folded = try divided(extents[0])
      arranged = ([folded.heads, folded.width], [folded.width, 1])
    case .transpose:
      try requireRank(2)
      arranged = ([extents[1], extents[0]], [steps[1], steps[0]])
    case .transposeFoldingColumns:
      try requireRank(2)
      let folded = try divided(extents[0])
      arranged = ([extents[1], folded.heads, folded.width], [1, folded.width * steps[0], steps[0]])
    case .transposeFoldingRows:
      try requireRank(2)
      let folded = try divided(extents[1])
      arranged = ([folded.heads, folded.width, extents[0]], [folded.width, 1, steps[0]])
    case .hwio:
      try requireRank(4)
      let order = [2, 3, 1, 0]
      arranged = (order.map { extents[$0] }, order.map { steps[$0] })
    }
    guard let shape = Shape(checking: arranged.extents) else { throw unknown("shape \(arranged.extents) is too large") }
    return StridedLayout(type, offset: offset, shape: shape, strides: arranged.strides, isBigEndian: false)
  }
}
