// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotQuantization
import IngotTensor

/// The mean squared error of the logits as a quadratic form: what each option alone adds, and what each pair does to it.
struct Interactions {
  /// A tensor's option: its place among all options, and the bytes that it takes in a file.
  struct Item {
    let row: Int
    let option: Int
    let bytes: Int
  }

  /// All options of all tensors, row by row.
  let items: [Item]
  /// For each tensor the items of its options; `firstItem[row] + option`.
  let firstItem: [Int]
  /// Bytes of each tensor as it is.
  let originalBytes: [Int]
  /// `[items, items]`, symmetric; pairs within a row have no meaning.
  private let products: [Double]
  /// For each tensor, as it is and the items that are worth trying: none that another is neither larger nor further off than.
  let tried: [[Int?]]
  /// For each item the largest product with an item of another tensor, without its sign.
  let largest: [Double]

  /// Forms all products of effects.
  ///
  /// A correlation of two effects that chance explains is taken for none: of vectors with random directions in n probes the cosine has a
  /// deviation of 1 / √n, and is made smaller by as much.
  init(_ sensitivities: Sensitivities, _ compute: Compute) throws {
    let base = sensitivities.base
    var items: [Item] = []
    var firstItem: [Int] = []
    var vectors: [Float] = []
    var length = 0
    for (index, row) in sensitivities.rows.enumerated() {
      firstItem.append(items.count)
      for (option, choice) in row.options.enumerated() {
        items.append(Item(row: index, option: option, bytes: Self.room(choice.target.byteCount)))
        let vector = try Self.logitChanges(choice.effect, row.tower, base, compute)
        length = vector.count
        vectors += vector
      }
    }
    let matrix = Matrix(values: vectors, rows: items.count, columns: length)
    var products = Matrix<Float>(rows: items.count, columns: items.count)
    if !items.isEmpty { try compute.product(matrix, WeightMatrix(rows: matrix), into: &products) }
    let probes = Double(max(1, max(base.images.rows, base.texts.rows)))
    let chance = 1 / probes.squareRoot()
    let count = Double(max(1, length))
    var shrunk = products.values.map { Double($0) / count }
    let own = items.indices.map { max(0, shrunk[$0 * items.count + $0]) }
    for a in items.indices {
      for b in items.indices where items[a].row != items[b].row {
        let product = shrunk[a * items.count + b]
        let rest = abs(product) - chance * (own[a] * own[b]).squareRoot()
        shrunk[a * items.count + b] = rest <= 0 ? 0 : product < 0 ? -rest : rest
      }
    }
    self.products = shrunk
    largest = items.indices.map { a in
      var largest = 0.0
      for b in items.indices where items[a].row != items[b].row {
        largest = max(largest, abs(shrunk[a * items.count + b]))
      }
      return largest
    }
    tried = firstItem.indices.map { row in
      let all = items.indices.filter { items[$0].row == row }
      func isWorse(_ item: Int, than other: Int) -> Bool {
        let (a, b) = ((items[item].bytes, own[item]), (items[other].bytes, own[other]))
        return b.0 <= a.0 && b.1 <= a.1 && (b != a || other < item)
      }
      return [nil] + all.filter { item in !all.contains { $0 != item && isWorse(item, than: $0) } }
    }
    self.items = items
    self.firstItem = firstItem
    originalBytes = sensitivities.rows.map { Self.room($0.tensor.byteCount) }
  }

  /// The room of a payload: the next one begins at a multiple of 64.
  static func room(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

  /// The first-order change of the logits, or of the embeddings where there are no logits.
  private static func logitChanges(
    _ effect: [Float], _ tower: Tower, _ base: ProbeOutputs, _ compute: Compute
  ) throws -> [Float] {
    guard base.hasLogits else {
      // Places of the other tower stay zero.
      return tower == .vision
        ? effect + [Float](repeating: 0, count: base.texts.values.count)
        : [Float](repeating: 0, count: base.images.values.count) + effect
    }
    var changed = base
    changed[tower].values = effect
    return try changed.logits(compute).values
  }

  /// What two options of different tensors do together, or one alone with itself.
  subscript(_ a: Int, _ b: Int) -> Double { products[a * items.count + b] }
}

/// A choice for each tensor, and what it costs.
struct Choice {
  /// For each tensor its item; `nil` for as it is.
  private(set) var items: [Int?]
  /// Predicted mean squared error.
  private(set) var error = 0.0
  /// Bytes of all tensors that have options.
  private(set) var bytes: Int
  /// For each item, the sum of its products with the chosen items of other tensors.
  private var pull: [Double]
  private let interactions: Interactions

  /// All tensors as they are.
  init(_ interactions: Interactions) {
    self.interactions = interactions
    items = [Int?](repeating: nil, count: interactions.originalBytes.count)
    bytes = interactions.originalBytes.reduce(0, +)
    pull = [Double](repeating: 0, count: interactions.items.count)
  }

  /// These items.
  init(_ interactions: Interactions, _ items: [Int?]) {
    self.init(interactions)
    for (row, item) in items.enumerated() { set(row, to: item) }
  }

  /// Bytes of a tensor with an item.
  private func room(_ row: Int, _ item: Int?) -> Int {
    item.map { interactions.items[$0].bytes } ?? interactions.originalBytes[row]
  }

  private func cost(_ item: Int?) -> Double { item.map { interactions[$0, $0] + 2 * pull[$0] } ?? 0 }

  /// What changing one tensor does to error and size.
  func change(_ row: Int, to item: Int?) -> (error: Double, bytes: Int) {
    (cost(item) - cost(items[row]), room(row, item) - room(row, items[row]))
  }

  /// Changes one tensor.
  mutating func set(_ row: Int, to item: Int?) {
    let step = change(row, to: item)
    error += step.error
    bytes += step.bytes
    for other in interactions.items.indices where interactions.items[other].row != row {
      if let item { pull[other] += interactions[other, item] }
      if let before = items[row] { pull[other] -= interactions[other, before] }
    }
    items[row] = item
  }

  /// As it is, and every item that is worth trying for a tensor.
  func options(_ row: Int) -> [Int?] { interactions.tried[row] }

  /// The most that pairs with one of these items can add to what two changes do alone.
  func slack(_ row: Int, to item: Int?) -> Double {
    4 * ((item.map { interactions.largest[$0] } ?? 0) + (items[row].map { interactions.largest[$0] } ?? 0))
  }

  /// What changing two tensors does to each other.
  func pair(_ row: Int, to item: Int?, and other: Int, to otherItem: Int?) -> Double {
    func product(_ a: Int?, _ b: Int?) -> Double {
      guard let a, let b else { return 0 }
      return interactions[a, b]
    }
    return 2
      * (product(item, otherItem) - product(item, items[other]) - product(items[row], otherItem)
        + product(items[row], items[other]))
  }
}
