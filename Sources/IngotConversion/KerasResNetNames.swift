// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Names in files of `keras.applications.ResNet50`: layer, block and variable, as `conv2.1.1_conv.kernel`.
///
/// Keras 2 writes `conv2_block1_1_conv/conv2_block1_1_conv/kernel:0`. Keras 3 numbers layers by their kind, `layers/conv2d_7/vars/0`: which
/// is which follows from the kernels' sides.
struct KerasResNetNames {
  /// One for each of the tensors given.
  let names: [String]

  /// Changes the names; `nil` unless they are those of such a model, and different after the change.
  ///
  /// - Parameter tensors: all of a checkpoint's.
  init?(_ tensors: [TensorDescriptor]) {
    guard let names = Self.layers(tensors) ?? Self.numbered(tensors), Set(names).count == names.count else {
      return nil
    }
    self.names = names
  }

  // MARK: Keras 2

  private static func layers(_ tensors: [TensorDescriptor]) -> [String]? {
    guard tensors.contains(where: { $0.name.hasSuffix("conv1_conv/kernel:0") }) else { return nil }
    return tensors.map { tensor in
      let parts = tensor.name.split(separator: "/")
      guard parts.count >= 2, let variable = parts.last, variable.hasSuffix(":0") else { return tensor.name }
      return "\(layer(parts[parts.count - 2])).\(variable.dropLast(2))"
    }
  }

  /// `conv2_block1_1_conv` becomes `conv2.1.1_conv`.
  private static func layer(_ name: Substring) -> String {
    let parts = name.split(separator: "_", maxSplits: 2)
    guard parts.count == 3, parts[1].hasPrefix("block"), let block = Int(parts[1].dropFirst(5)) else {
      return String(name)
    }
    return "\(parts[0]).\(block).\(parts[2])"
  }

  // MARK: Keras 3

  /// A variable of a layer that is known by its kind and number.
  private struct Variable {
    let kind: String
    let layer: Int
    let index: Int

    init?(_ name: String) {
      let parts = name.split(separator: "/")
      guard parts.count >= 4, parts[parts.count - 4] == "layers", parts[parts.count - 2] == "vars",
        let last = parts.last, let index = Int(last)
      else { return nil }
      let name = parts[parts.count - 3]
      guard let kind = ["batch_normalization", "conv2d", "dense"].first(where: name.hasPrefix) else { return nil }
      let number = name.dropFirst(kind.count)
      guard number.isEmpty || number.hasPrefix("_"), let layer = number.isEmpty ? 0 : Int(number.dropFirst()) else {
        return nil
      }
      self.kind = kind
      self.layer = layer
      self.index = index
    }
  }

  private static let variables = [
    "batch_normalization": ["gamma", "beta", "moving_mean", "moving_variance"], "conv2d": ["kernel", "bias"],
    "dense": ["kernel", "bias"],
  ]

  private static func numbered(_ tensors: [TensorDescriptor]) -> [String]? {
    let found = tensors.map { ($0, Variable($0.name)) }
    guard found.allSatisfy({ $0.1 != nil }) else { return nil }
    var sides: [Int: Int] = [:]
    for case (let tensor, let variable?) in found where variable.kind == "conv2d" && variable.index == 0 {
      guard tensor.shape.rank == 4, tensor.shape[0] == tensor.shape[1] else { return nil }
      sides[variable.layer] = tensor.shape[0]
    }
    let order = sides.keys.sorted()
    guard order == Array(0..<order.count), let layers = places(order.compactMap { sides[$0] }) else { return nil }
    var names: [String] = []
    for case (_, let variable?) in found {
      guard let known = variables[variable.kind], known.indices.contains(variable.index) else { return nil }
      if variable.kind == "dense" {
        names.append("predictions.\(known[variable.index])")
      } else if layers.indices.contains(variable.layer) {
        let kind = variable.kind == "conv2d" ? "conv" : "bn"
        names.append("\(layers[variable.layer])_\(kind).\(known[variable.index])")
      } else {
        return nil
      }
    }
    return names
  }

  /// What the convolutions are, from the sides of their kernels, in the order in which Keras numbers them: 7; then for each block 1, 3, 1, with
  /// another 1, the shortcut's, before the last in the first block of a stage.
  private static func places(_ sides: [Int]) -> [String]? {
    guard sides.first == 7 else { return nil }
    var names = ["conv1"]
    var (stage, block) = (1, 0)
    var next = 1
    while next < sides.count {
      guard next + 2 < sides.count, sides[next] == 1, sides[next + 1] == 3, sides[next + 2] == 1 else { return nil }
      // Four convolutions before the next block's 3, or before the end, and there is a shortcut.
      let isFirst = next + 3 < sides.count && sides[next + 3] == 1 && (next + 4 >= sides.count || sides[next + 4] == 1)
      (stage, block) = isFirst ? (stage + 1, 1) : (stage, block + 1)
      guard stage > 1 else { return nil }
      names += (isFirst ? [1, 2, 0, 3] : [1, 2, 3]).map { "conv\(stage).\(block).\($0)" }
      next += isFirst ? 4 : 3
    }
    return names
  }
}
