// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

extension TensorCase {
  /// The same values in another order.
  func order() -> Verdict? {
    if isTransposed { return finding(.transposed, "holds the source's values with rows and columns exchanged") }
    if let exchanged = thirds() { return exchanged }
    if extents.count == 4, let kernels = kernels() { return kernels }
    let bits = s.map { $0.bitPattern.byteSwapped }
    // As bits: a swapped number may be a NaN, which equals nothing.
    if zip(t, bits).allSatisfy({ $0.bitPattern == $1 }) { return finding(.bytesSwapped, "each value reads backwards") }
    return nil
  }

  private var isTransposed: Bool {
    guard extents.count == 2, rows > 1, rowLength > 1 else { return false }
    // Of a square matrix, or of one whose bytes were taken for those of the other shape.
    return matches { index in
      let (column, row) = index.quotientAndRemainder(dividingBy: rows)
      return s[row * rowLength + column]
    }
  }

  /// Queries, keys and values exchanged, or interleaved head by head.
  private func thirds() -> Verdict? {
    guard name.contains(".qkv"), rows % 3 == 0 else { return nil }
    let third = count / 3
    let names = ["queries", "keys", "values"]
    for order in [[1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
      if matches({ s[order[$0 / third] * third + $0 % third] }) {
        return finding(
          .queriesKeysValuesExchanged, "the order is \(order.map { names[$0] }.joined(separator: ", "))")
      }
    }
    let width = rows / 3
    guard headWidth > 0, width % headWidth == 0 else { return nil }
    let heads = width / headWidth
    func interleaved(_ row: Int) -> Int {
      let (head, rest) = row.quotientAndRemainder(dividingBy: 3 * headWidth)
      return rest / headWidth * width + head * headWidth + rest % headWidth
    }
    func separated(_ row: Int) -> Int {
      let (kind, rest) = row.quotientAndRemainder(dividingBy: width)
      return (rest / headWidth * 3 + kind) * headWidth + rest % headWidth
    }
    guard heads > 1 else { return nil }
    if (0..<rows).allSatisfy({ row($0, is: interleaved($0)) })
      || (0..<rows).allSatisfy({ row($0, is: separated($0)) })
    {
      return finding(.headsInterleaved, "queries, keys and values of \(heads) heads follow each other head by head")
    }
    return nil
  }

  /// Kernels with colours reversed, turned over, or copied from another order of axes.
  private func kernels() -> Verdict? {
    let (o, c, h, w) = (extents[0], extents[1], extents[2], extents[3])
    func place(_ index: Int) -> (o: Int, c: Int, y: Int, x: Int) {
      (index / (c * h * w), index / (h * w) % c, index / w % h, index % w)
    }
    func at(_ o: Int, _ channel: Int, _ y: Int, _ x: Int) -> Float { s[((o * c + channel) * h + y) * w + x] }
    if c > 1,
      matches({ index in
        let p = place(index)
        return at(p.o, c - 1 - p.c, p.y, p.x)
      })
    {
      return finding(.channelsReversed, "the \(c) input channels are in the opposite order")
    }
    if h == w, h > 1,
      matches({ index in
        let p = place(index)
        return at(p.o, p.c, p.x, p.y)
      })
    {
      return finding(.kernelTransposed, "rows and columns of the \(h) × \(w) kernels are exchanged")
    }
    // [height, width, inputs, outputs] (TensorFlow) and [outputs, height, width, inputs], taken as they lie.
    let fromHWIO = matches { index in
      at(index % o, index / o % c, index / (o * c * w), index / (o * c) % w)
    }
    if fromHWIO { return finding(.layoutReinterpreted, "the values lie as [height, width, inputs, outputs]") }
    let fromOHWI = matches { index in
      at(index / (h * w * c), index % c, index / (w * c) % h, index / c % w)
    }
    if fromOHWI { return finding(.layoutReinterpreted, "the values lie as [outputs, height, width, inputs]") }
    return nil
  }

  /// The same rows, or the same columns, in another order.
  func rowOrder() -> Verdict? {
    guard extents.count >= 1, rows > 1 else { return nil }
    if let shifted = shifted() { return shifted }
    guard rowLength > 1 || role == .bias, rows <= 8192 else { return nil }
    if let order = permutation(rows: rows, { row($0, is: $1) }) {
      return finding(isByHeads(order) ? .headsPermuted : .rowsPermuted, describe(order, "row"))
    }
    guard extents.count == 2, rowLength > 1, rowLength <= 8192 else { return nil }
    let (height, width) = (rows, rowLength)
    if let order = permutation(
      rows: width,
      { to, from in (0..<height).allSatisfy { agrees($0 * width + to, s[$0 * width + from]) } })
    {
      return finding(isByHeads(order) ? .headsPermuted : .rowsPermuted, describe(order, "column"))
    }
    return nil
  }

  /// Rows that are all so many further on; what enters at the end may be anything.
  private func shifted() -> Verdict? {
    guard role == .embedding, extents.count == 2, rows > 4 else { return nil }
    for offset in [1, -1, 2, -2] {
      let inside = (0..<rows).filter { (0..<rows).contains($0 + offset) }
      // From the middle outwards, so that a wrong offset is given up early.
      guard row(rows / 2, is: rows / 2 + offset), inside.allSatisfy({ row($0, is: $0 + offset) }) else { continue }
      return finding(
        name.contains("position") ? .positionsShifted : .vocabularyShifted,
        "row i holds the source's row i \(offset > 0 ? "+" : "−") \(abs(offset))")
    }
    // A class token's row at the other end.
    if name.contains("position"), row(0, is: rows - 1) || row(rows - 1, is: 0),
      (1..<rows - 1).allSatisfy({ row($0, is: $0 + 1) || row($0, is: $0 - 1) })
    {
      return finding(.positionsShifted, "the first row is at the end")
    }
    return nil
  }

  /// Which row of the source each row is; `nil` unless all are found, each once, and not all in their places.
  private func permutation(rows: Int, _ isSame: (_ row: Int, _ other: Int) -> Bool) -> [Int]? {
    var free = Set(0..<rows)
    var order: [Int] = []
    for row in 0..<rows {
      // Neighbours of the last one first: heads and halves move together.
      let next = order.last.map { $0 + 1 } ?? row
      let guess = [row, next].first { free.contains($0) && isSame(row, $0) }
      guard let found = guess ?? free.first(where: { isSame(row, $0) }) else { return nil }
      free.remove(found)
      order.append(found)
    }
    return order == Array(0..<rows) ? nil : order
  }

  /// Whether whole heads moved.
  private func isByHeads(_ order: [Int]) -> Bool {
    guard headWidth > 1, order.count % headWidth == 0, name.contains("attention") || name.contains("pool.") else {
      return false
    }
    return stride(from: 0, to: order.count, by: headWidth).allSatisfy { start in
      order[start] % headWidth == 0 && (0..<headWidth).allSatisfy { order[start + $0] == order[start] + $0 }
    }
  }

  private func describe(_ order: [Int], _ what: String) -> String {
    let moved = order.indices.filter { order[$0] != $0 }
    let first = moved.first ?? 0
    return "\(moved.count) of \(order.count) \(what)s moved: \(what) \(first) holds the source's \(order[first])"
  }
}
