// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor
import IngotTestSupport
import Testing

/// A fault in one place of a model, and the operation that it is in.
struct PlantedFault {
  let name: String
  /// The operations that hold it; the first of them in the order of computation must be named.
  let operations: [String]
  let plant: (inout MutatedModel) throws -> Void

  /// One fault in every tensor that takes part in inference, at a place drawn at random, and one in every constant.
  static func all(of model: MutatedModel, seed: UInt64) throws -> [PlantedFault] {
    var random = SeededGenerator(seed: seed)
    var faults: [PlantedFault] = []
    for entry in model.entries {
      let operations = operations(of: entry.name, model.configuration)
      let shape = model.shape(entry.name)
      // Rows that inference reads: a table of positions may have more than the context, one of types has one.
      var rows = shape.first ?? 1
      if entry.name == "text.token_type_embedding" { rows = 1 }
      if entry.name == "text.position_embedding" { rows = min(rows, model.configuration.text?.contextLength ?? rows) }
      let row = Int.random(in: 0..<max(1, rows), using: &random)
      faults.append(
        PlantedFault(name: "a row of \(entry.name)", operations: operations) { model in
          try model.change(entry.name) { values in
            let length = values.count / max(1, shape.first ?? 1)
            let size = rootMeanSquare(values)
            for index in row * length..<(row + 1) * length {
              // Biases go up: what a ReLU cuts off either way would be no fault.
              values[index] =
                entry.name.hasSuffix(".bias")
                ? values[index] + 2 * size : -values[index] + (values[index] < 0 ? -1 : 1) * size / 2
            }
          }
        })
      if entry.name.hasSuffix(".bias"), try rootMeanSquare(model.values(entry.name)) > 0 {
        faults.append(
          PlantedFault(name: "\(entry.name) dropped", operations: operations) { model in
            try model.change(entry.name) { values in values = values.map { _ in 0 } }
          })
      }
      if entry.role == .matrix, shape.count == 2, shape[0] == shape[1] {
        faults.append(
          PlantedFault(name: "\(entry.name) transposed", operations: operations) { model in
            try model.change(entry.name) { values in
              let original = values
              for r in 0..<shape[0] { for c in 0..<shape[0] { values[c * shape[0] + r] = original[r * shape[0] + c] } }
            }
          })
      }
    }
    return faults + constants(of: model) + heads(of: model)
  }

  private static func constants(of model: MutatedModel) -> [PlantedFault] {
    var faults: [PlantedFault] = []
    if case .transformer(let vision) = model.configuration.vision {
      let isBefore = vision.transformer.block.norms == .before
      let firstNorm =
        vision.hasPreNorm
        ? "vision.pre_norm" : isBefore ? "vision.blocks.0.attention_norm" : "vision.blocks.0.attention_norm"
      faults.append(
        PlantedFault(name: "vision epsilon", operations: [firstNorm]) {
          _ = $0.changeVision { $0.transformer.normEpsilon *= 100 }
        })
      faults.append(
        PlantedFault(name: "vision activation", operations: ["vision.blocks.0.mlp.activation"]) {
          _ = $0.changeVision { $0.transformer.activation = $0.transformer.activation == .gelu ? .quickGELU : .gelu }
        })
      if vision.transformer.width % (vision.transformer.heads * 2) == 0, vision.transformer.block.rotary == nil {
        faults.append(
          PlantedFault(name: "vision heads", operations: ["vision.blocks.0.attention"]) {
            _ = $0.changeVision { $0.transformer.heads *= 2 }
          })
      }
      if vision.hasClassToken, vision.pooling == .classToken {
        faults.append(
          PlantedFault(name: "vision pooling", operations: ["vision.pooling"]) {
            _ = $0.changeVision { $0.pooling = .average }
          })
      }
    }
    if let text = model.configuration.text {
      faults.append(
        PlantedFault(name: "text activation", operations: ["text.blocks.0.mlp.activation"]) {
          $0.configuration.text?.transformer.activation = text.transformer.activation == .gelu ? .quickGELU : .gelu
        })
      faults.append(
        PlantedFault(name: "text mask", operations: ["text.blocks.0.attention"]) {
          $0.configuration.text?.isCausal.toggle()
        })
      if text.pooling != .firstToken {
        faults.append(
          PlantedFault(name: "text pooling", operations: ["text.pooling"]) {
            $0.configuration.text?.pooling = .firstToken
          })
      }
      if text.transformer.width % (text.transformer.heads * 2) == 0 {
        faults.append(
          PlantedFault(name: "text heads", operations: ["text.blocks.0.attention"]) {
            $0.configuration.text?.transformer.heads *= 2
          })
      }
    }
    return faults
  }

  /// Two heads of the queries exchanged, in every tower that has two.
  private static func heads(of model: MutatedModel) -> [PlantedFault] {
    var faults: [PlantedFault] = []
    var towers: [(String, TransformerConfiguration)] = []
    if case .transformer(let vision) = model.configuration.vision { towers.append(("vision", vision.transformer)) }
    if let text = model.configuration.text { towers.append(("text", text.transformer)) }
    for (tower, blocks) in towers where blocks.heads > 1 {
      let name = "\(tower).blocks.\(blocks.layers - 1).attention.qkv"
      faults.append(
        PlantedFault(name: "\(name) heads exchanged", operations: [name]) { model in
          try model.change("\(name).weight") { values in
            let length = blocks.width / blocks.heads * blocks.width
            for index in 0..<length { values.swapAt(index, length + index) }
          }
        })
    }
    return faults
  }

  private static func rootMeanSquare(_ values: [Float]) -> Float {
    (values.reduce(0) { $0 + $1 * $1 } / Float(max(1, values.count))).squareRoot()
  }

  /// Where a tensor is used.
  private static func operations(of name: String, _ configuration: CLIPConfiguration) -> [String] {
    if name.hasPrefix("vision."), case .mobile = configuration.vision { return mobileOperations(of: name) }
    if name == "vision.class_embedding" { return ["vision.position_embedding"] }
    if name.hasPrefix("vision.pool.qkv.weight") { return ["vision.pool.queries", "vision.pool.qkv"] }
    if name.hasPrefix("vision.pool.qkv.bias") { return ["vision.pool.queries.bias", "vision.pool.qkv.bias"] }
    if name.hasSuffix("query_value_bias") { return [String(name.dropLast("query_value_bias".count)) + "qkv.bias"] }
    if name.hasSuffix("projection_bias") { return [String(name.dropLast("_bias".count)) + ".bias"] }
    if name.hasSuffix(".layer_scale") {
      let base = String(name.dropLast(".layer_scale".count))
      if base.hasSuffix(".attention") { return ["\(base).output", "\(base).output.bias"] }
      if base.hasSuffix(".mlp") { return ["\(base).down", "\(base).down.bias"] }
      return ["\(base).mlp.down", "\(base).mlp.down.bias"]
    }
    let parts = name.split(separator: ".").map(String.init)
    guard let last = parts.last, parts.count >= 2 else { return [name] }
    let base = parts.dropLast().joined(separator: ".")
    // A batch norm is the factor and the bias of its convolution.
    if ["running_mean", "running_var"].contains(last) || isBatchNorm(base, configuration) {
      let convolution =
        base.hasSuffix("shortcut.norm") ? String(base.dropLast(5)) : base.replacing("norm", with: "conv")
      return [convolution, "\(convolution).bias"]
    }
    let operation = base.hasSuffix("shortcut.conv") ? String(base.dropLast(5)) : base
    if last == "weight" { return [operation] }
    if last == "bias" {
      // Norms and depthwise convolutions take their bias in the same step.
      return base.hasSuffix("norm") || base.contains(".norm") || base.hasSuffix("depthwise")
        ? [operation] : ["\(operation).bias"]
    }
    return [name]
  }

  /// Branches, their batch norms and scales are part of the convolution that they are folded into.
  private static func mobileOperations(of name: String) -> [String] {
    if name == "vision.projection" { return [name] }
    var parts = name.split(separator: ".").map(String.init)
    let last = parts.removeLast()
    if last == "layer_scale", parts.last == "mlp" { parts.append("down") }
    if last == "layer_scale", parts.last == "attention" { parts.append("output") }
    while let part = parts.last, ["norm", "identity", "scale", "small"].contains(part) { parts.removeLast() }
    if parts.last == "mixer_norm" { parts[parts.count - 1] = "mixer" }
    let operation = parts.joined(separator: ".")
    return [operation, "\(operation).bias"]
  }

  private static func isBatchNorm(_ base: String, _ configuration: CLIPConfiguration) -> Bool {
    guard base.hasPrefix("vision."), base.contains("norm") else { return false }
    switch configuration.vision {
    case .residualNetwork(let vision): return vision.normalization == .batchNorm
    case .convolutional(let vision): return vision.normalization == .batchNorm
    default: return false
    }
  }
}
