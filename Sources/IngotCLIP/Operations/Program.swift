// SPDX-License-Identifier: Apache-2.0

public import IngotTensor

/// A tower on given inputs as a list of operations: what can be run in part, with any operation exchanged.
///
/// It holds the tower's own weights and gives its own bits; inference does not use it.
public struct Program<R: Real>: Sendable {
  /// One part of a tower, whose last operation gives all that later parts take.
  public struct Part: Sendable, Hashable {
    /// `vision.embedding`, `vision.blocks.3`, `vision.stages.1.0`, `text.head`, `logit_scale`.
    public let name: String
    /// The places of its operations.
    public let operations: Range<Int>
  }

  /// In the order of computation.
  public let operations: [Operation<R>]
  /// In the order of computation; they cover all operations.
  public let parts: [Part]

  init(_ builder: ProgramBuilder<R>) {
    operations = builder.operations
    parts = builder.closedParts
  }

  /// Puts a program together from parts of others with the same operations' places.
  ///
  /// - Parameters:
  ///   - operations: at each place one that takes the results of earlier places.
  ///   - parts: as those of the programs that they are from.
  public init(operations: [Operation<R>], parts: [Part]) {
    precondition(operations.indices.allSatisfy { place in operations[place].operands.allSatisfy { $0 < place } })
    self.operations = operations
    self.parts = parts
  }

  /// The same program with other operations at some places.
  ///
  /// - Parameters:
  ///   - places: which.
  ///   - other: a program with operations that take the same operands there.
  /// - Returns: the mixed program.
  public func taking(_ places: some Sequence<Int>, from other: Program) -> Program {
    var operations = operations
    for place in places {
      precondition(other.operations[place].operands == operations[place].operands, "operations take the same operands")
      operations[place] = other.operations[place]
    }
    return Program(operations: operations, parts: parts)
  }

  /// Runs some operations.
  ///
  /// - Parameters:
  ///   - compute: how to compute.
  ///   - range: which; by default all.
  ///   - known: results of earlier operations, at least those that are taken in `range`.
  ///   - keeps: whether a result is wanted; others are dropped when nothing in `range` takes them any more.
  /// - Returns: the wanted results, by their places.
  /// - Throws: what reading weights throws.
  public func run(
    _ compute: Compute, _ range: Range<Int>? = nil, from known: [Int: Matrix<R>] = [:], keeping keeps: (Int) -> Bool
  ) throws -> [Int: Matrix<R>] {
    let range = range ?? operations.indices
    var lastUse: [Int: Int] = [:]
    for place in range { for operand in operations[place].operands { lastUse[operand] = place } }
    var values = known.filter { lastUse[$0.key] != nil }
    var kept: [Int: Matrix<R>] = [:]
    for place in range {
      let operation = operations[place]
      let operands = operation.operands.map { operand in
        guard let value = values[operand] else {
          preconditionFailure("\(operation.name) takes the result of \(operations[operand].name), which is not known")
        }
        return value
      }
      let result = try operation.result(operands, compute)
      for operand in operation.operands where lastUse[operand] == place { values[operand] = nil }
      if lastUse[place] != nil { values[place] = result }
      if keeps(place) { kept[place] = result }
    }
    return kept
  }
}

/// Collects the operations of a tower.
struct ProgramBuilder<R: Real> {
  private(set) var operations: [Operation<R>] = []
  private var parts: [Program<R>.Part] = []
  private var part = ""
  private var start = 0

  var closedParts: [Program<R>.Part] {
    operations.count > start ? parts + [Program.Part(name: part, operations: start..<operations.count)] : parts
  }

  /// Begins a part; what follows takes only the last result before it.
  mutating func begin(_ name: String) {
    parts = closedParts
    start = operations.count
    part = name
  }

  /// Adds an operation.
  ///
  /// - Returns: its place.
  mutating func add(_ name: String, _ kind: Operation<R>.Kind, _ operands: Int...) -> Int {
    operations.append(Operation(name: name, part: part, kind: kind, operands: operands))
    return operations.count - 1
  }

  /// Adds a product with its bias, if it has one.
  mutating func add(
    _ name: String, _ weights: WeightMatrix, scale: [R] = [], bias: [R], _ x: Int
  ) -> Int {
    let product = add(name, .product(weights, scale: scale), x)
    return bias.isEmpty ? product : add("\(name).bias", .bias(bias), product)
  }

  /// Adds a product.
  mutating func add(_ name: String, _ linear: Linear<R>, _ x: Int) -> Int {
    add(name, linear.weights, scale: linear.scale, bias: linear.bias, x)
  }

  /// Adds a layer norm.
  mutating func add(_ name: String, _ norm: LayerNorm<R>, _ x: Int) -> Int {
    add(name, .layerNorm(gain: norm.gain, bias: norm.bias, epsilon: norm.epsilon), x)
  }

  /// Adds an activation, unless there is none.
  mutating func add(_ name: String, _ activation: Activation, _ x: Int) -> Int {
    activation == .identity ? x : add(name, .activation(activation), x)
  }
}
