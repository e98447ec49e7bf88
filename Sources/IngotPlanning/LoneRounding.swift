// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotQuantization
import IngotTensor

/// Rounding with compensation of one tensor of a tower, all others as they are.
///
/// Tensors are asked for in the order of their steps; each step is run twice, whatever the number of its tensors.
final class LoneRounding {
  private let encoder: CLIPEncoder<Float>
  private let tower: Tower
  private let names: Set<String>
  private let inputs: CalibrationSet
  private let compute: Compute
  private let last: Int
  private var step = -1
  /// What the step before gave, and what the step gives.
  private var before: [Float] = []
  private var after: [Float] = []
  /// What the step meets, and of that the products once they are asked for.
  private var counts = InputCounts()
  private var products: InputProducts?
  private var found: (name: String, rounding: CompensatedRounding?)?

  /// Nothing run yet.
  ///
  /// - Parameters:
  ///   - encoder: the model as it is.
  ///   - tower: whose tensors are asked for.
  ///   - names: the tensors that will be asked for.
  ///   - inputs: what integers are rounded to come near on.
  ///   - compute: how to compute.
  init(
    _ encoder: CLIPEncoder<Float>, _ tower: Tower, of names: Set<String>, on inputs: CalibrationSet, _ compute: Compute
  ) {
    self.encoder = encoder
    self.tower = tower
    self.names = names
    self.inputs = inputs
    self.compute = compute
    last = (tower == .vision ? inputs.imageCount : inputs.texts.count) > 0 ? encoder.stepCount(of: tower) - 1 : -1
  }

  /// How a tensor is rounded.
  ///
  /// - Parameter name: of a tensor whose step is that of the one before, or a later one.
  /// - Returns: `nil` for a tensor that meets nothing, or has more than `CompensatedRounding.mostInputs` inputs.
  /// - Throws: what running the model throws, `corrupt` where activations are not finite.
  func rounding(of name: String) throws -> CompensatedRounding? {
    if let found, found.name == name { return found.rounding }
    let wanted = encoder.step(ofTensor: name, of: tower)
    guard wanted <= last else { return nil }
    precondition(wanted >= step && names.contains(name), "tensors are asked for in the order of their steps")
    while step < wanted { try advance() }
    if products == nil { products = try seen() }
    let rounding = try products.flatMap { try CompensatedRounding(name, $0, compute) }
    found = (name, rounding)
    return rounding
  }

  private func advance() throws {
    step += 1
    products = nil
    before = after
    counts = InputCounts()
    after = try run(seenBy: counts)
  }

  /// The products of what enters the step's tensors.
  private func seen() throws -> InputProducts {
    let met = counts.all.filter { names.contains($0.name) && $0.inputs <= CompensatedRounding.mostInputs }
    let needed = tower == .text ? encoder.neededTokens(of: inputs.texts) : []
    var choice = RowChoice(needed: needed)
    for tensor in met {
      choice.strides[tensor.name] = RowChoice(fitting: [tensor], needed: needed).strides[tensor.name]
    }
    let products = InputProducts(ofOriginal: met.map { ($0.name, $0.inputs) }, choice, compute)
    _ = try run(seenBy: products)
    return products
  }

  private func run(seenBy observer: any ProductObserver) throws -> [Float] {
    var compute = compute
    compute.observer = observer
    return try encoder.output(
      ofStep: step, of: tower, from: before, pixels: inputs.pixels, images: inputs.imageCount, texts: inputs.texts,
      compute)
  }
}
