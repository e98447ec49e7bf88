// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotCLIP
import IngotFidelity
import IngotTensor
import IngotTestSupport
import Testing

/// A defect of the catalogue put into a model: one that a conversion has really had, or could.
struct SeededDefect: Sendable, CustomTestStringConvertible {
  let name: String
  let defect: Defect
  /// Changes the source first, where a defect shows on certain values only.
  var prepare: @Sendable (inout MutatedModel) throws -> Void = { _ in }
  /// Changes the model; false where the model has no place for the defect.
  let seed: @Sendable (inout MutatedModel, inout SeededGenerator) throws -> Bool

  var testDescription: String { name }

  init(
    _ name: String, _ defect: Defect, prepare: @escaping @Sendable (inout MutatedModel) throws -> Void = { _ in },
    _ seed: @escaping @Sendable (inout MutatedModel, inout SeededGenerator) throws -> Bool
  ) {
    self.name = name
    self.defect = defect
    self.prepare = prepare
    self.seed = seed
  }

  static let all: [SeededDefect] = constants + tensors + orders + values

  /// A defect of a configuration.
  private static func constant(
    _ name: String, _ defect: Defect, _ change: @escaping @Sendable (inout CLIPConfiguration) -> Void
  ) -> SeededDefect {
    SeededDefect(name, defect) { model, _ in
      let before = model.configuration
      change(&model.configuration)
      return model.configuration != before
    }
  }

  private static func vision(
    _ name: String, _ defect: Defect, _ change: @escaping @Sendable (inout VisionTransformerConfiguration) -> Void
  ) -> SeededDefect {
    SeededDefect(name, defect) { model, _ in
      let before = model.configuration
      return model.changeVision(change) && model.configuration != before
    }
  }

  private static let constants: [SeededDefect] = [
    vision("GELU for QuickGELU, or the other way, in the image tower", .activationExchanged) {
      $0.transformer.activation = $0.transformer.activation == .gelu ? .quickGELU : .gelu
    },
    constant("GELU for QuickGELU, or the other way, in the text tower", .activationExchanged) {
      guard let activation = $0.text?.transformer.activation else { return }
      $0.text?.transformer.activation = activation == .gelu ? .quickGELU : .gelu
    },
    vision("epsilon 1e-6 for 1e-5, or the other way", .wrongEpsilon) {
      $0.transformer.normEpsilon = $0.transformer.normEpsilon == 1e-5 ? 1e-6 : 1e-5
    },
    constant("epsilon ten times as large in the text tower", .wrongEpsilon) { $0.text?.transformer.normEpsilon *= 10 },
    vision("twice as many heads", .wrongHeadCount) {
      if $0.transformer.width % (2 * $0.transformer.heads) == 0 { $0.transformer.heads *= 2 }
    },
    constant("one head of the text tower", .wrongHeadCount) {
      if let heads = $0.text?.transformer.heads, heads > 1 { $0.text?.transformer.heads = 1 }
    },
    constant("the last token for the end of the text", .wrongTextPooling) { $0.text?.pooling = .lastToken },
    vision("the mean of the patches for the class token", .wrongImagePooling) {
      if $0.pooling == .classToken { $0.pooling = .average }
    },
    constant("causal mask dropped, or added", .maskExchanged) { $0.text?.isCausal.toggle() },
    constant("sigmoid for softmax, or the other way", .similarityExchanged) {
      if $0.similarity != .none { $0.similarity = $0.similarity == .softmax ? .sigmoid : .softmax }
    },
    vision("no norm before the first block", .architectureChanged) { $0.hasPreNorm = false },
    constant("means and deviations in the order blue, green, red", .coloursReversed) {
      guard let own = $0.preprocessing, own.mean.first != own.mean.last else { return }
      $0.preprocessing?.mean.reverse()
      $0.preprocessing?.standardDeviation.reverse()
    },
    constant("another library's means and deviations", .wrongNormalization) {
      let isOwn = $0.preprocessing?.mean.first == 0.485
      $0.preprocessing?.mean = isOwn ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406]
      $0.preprocessing?.standardDeviation = isOwn ? [0.5, 0.5, 0.5] : [0.229, 0.224, 0.225]
    },
    constant("pixels in 0...1 taken as they are", .normalizationDropped) {
      $0.preprocessing?.mean = [0, 0, 0]
      $0.preprocessing?.standardDeviation = [1, 1, 1]
    },
    constant("bilinear for bicubic, or the other way", .wrongInterpolation) {
      guard let own = $0.preprocessing?.interpolation else { return }
      $0.preprocessing?.interpolation = own == .bicubic ? .bilinear : .bicubic
    },
    constant("squeezed where it should be cropped, or the other way", .wrongResize) {
      guard let own = $0.preprocessing?.resize else { return }
      $0.preprocessing?.resize = own == .squash ? .shortestSide : .squash
    },
  ]

  /// A change of one tensor of those that fit, drawn at random.
  private static func tensor(
    _ name: String, _ defect: Defect, _ fits: @escaping @Sendable (CanonicalSchema.Entry, [Int]) -> Bool,
    prepare: @escaping @Sendable ([Float]) -> [Float] = { $0 },
    _ change: @escaping @Sendable ([Float], [Int], MutatedModel, inout SeededGenerator) -> [Float]?
  ) -> SeededDefect {
    SeededDefect(
      name, defect,
      prepare: { model in
        for entry in model.entries where fits(entry, model.shape(entry.name)) {
          let values = try model.values(entry.name)
          let prepared = prepare(values)
          if prepared != values { try model.set(entry.name, prepared) }
        }
      }
    ) { model, random in
      let candidates = model.entries.filter { fits($0, model.shape($0.name)) }
      guard let entry = candidates.randomElement(using: &random) else { return false }
      let before = try model.values(entry.name)
      guard let after = change(before, model.shape(entry.name), model, &random), after != before else { return false }
      try model.set(entry.name, after)
      return true
    }
  }

  private static let isMatrix: @Sendable (CanonicalSchema.Entry, [Int]) -> Bool = { entry, shape in
    (entry.role == .matrix || entry.role == .projection) && shape.count == 2 && shape[0] > 1 && shape[1] > 1
  }
  private static let isKernel: @Sendable (CanonicalSchema.Entry, [Int]) -> Bool = { entry, shape in
    shape.count == 4 && shape[1] > 1 && shape[2] > 1 && shape[2] == shape[3]
  }
  private static let isQKV: @Sendable (CanonicalSchema.Entry, [Int]) -> Bool = { entry, shape in
    entry.name.hasSuffix("attention.qkv.weight") && shape.count == 2
  }

  private static let tensors: [SeededDefect] = [
    SeededDefect("a tensor left out", .tensorMissing) { model, random in
      guard let entry = model.entries.randomElement(using: &random) else { return false }
      model.remove(entry.name)
      return true
    },
    tensor("a matrix filled with zeros", .zeroFilled, isMatrix) { values, _, _, _ in values.map { _ in 0 } },
    tensor("a bias dropped", .biasDropped, { entry, _ in entry.role == .bias }) { values, _, _, _ in
      values.map { _ in 0 }
    },
    tensor("a NaN", .notFinite, isMatrix) { values, _, _, random in
      var values = values
      values[Int.random(in: 0..<values.count, using: &random)] = .nan
      return values
    },
    SeededDefect("gain and bias of a norm exchanged", .tensorsExchanged) { model, random in
      let norms = model.entries.filter {
        $0.role == .norm && $0.name.hasSuffix(".weight") && model.has(String($0.name.dropLast(6)) + "bias")
      }
      guard let entry = norms.randomElement(using: &random) else { return false }
      let other = String(entry.name.dropLast(6)) + "bias"
      let (a, b) = (try model.values(entry.name), try model.values(other))
      guard a != b, a.contains(where: { $0 != 0 }), b.contains(where: { $0 != 0 }) else { return false }
      try model.set(entry.name, b)
      try model.set(other, a)
      return true
    },
    SeededDefect("the two products of an MLP exchanged", .tensorsExchanged) { model, random in
      let blocks = model.entries.map(\.name).filter { $0.hasSuffix("mlp.up.weight") }
      guard let up = blocks.randomElement(using: &random) else { return false }
      let down = up.replacing("mlp.up", with: "mlp.down")
      guard model.has(down), model.shape(up).reduce(1, *) == model.shape(down).reduce(1, *) else { return false }
      let (a, b) = (try model.values(up), try model.values(down))
      try model.set(up, b)
      try model.set(down, a)
      return true
    },
    SeededDefect("mean and variance of a batch norm exchanged", .tensorsExchanged) { model, random in
      let means = model.entries.map(\.name).filter { $0.hasSuffix("running_mean") }
      guard let mean = means.randomElement(using: &random) else { return false }
      let variance = mean.replacing("running_mean", with: "running_var")
      let (a, b) = (try model.values(mean), try model.values(variance))
      guard a != b, a.contains(where: { $0 != 0 }) else { return false }
      try model.set(mean, b)
      try model.set(variance, a)
      return true
    },
    SeededDefect("two blocks in the other order", .blocksPermuted) { model, random in
      try moveBlocks(&model, &random, isCopy: false)
    },
    SeededDefect("a block copied over another", .blockDuplicated) { model, random in
      try moveBlocks(&model, &random, isCopy: true)
    },
    tensor("another model's matrix", .unrelatedValues, isMatrix) { values, _, _, random in
      let size = values.map(\.magnitude).max() ?? 1
      return values.map { _ in Float.random(in: -size...size, using: &random) }
    },
  ]

  private static func moveBlocks(
    _ model: inout MutatedModel, _ random: inout SeededGenerator, isCopy: Bool
  ) throws -> Bool {
    let tower = ["vision", "text"].filter { model.has("\($0).blocks.1.mlp.up.weight") }.randomElement(using: &random)
    guard let tower else { return false }
    for entry in model.entries where entry.name.hasPrefix("\(tower).blocks.0.") {
      let other = entry.name.replacing("blocks.0.", with: "blocks.1.")
      let (a, b) = (try model.values(entry.name), try model.values(other))
      try model.set(other, a)
      if !isCopy { try model.set(entry.name, b) }
    }
    return true
  }

  private static func headWidth(_ model: MutatedModel, of tower: String) -> Int? {
    if tower == "text" { return model.configuration.text.map { $0.transformer.width / $0.transformer.heads } }
    guard case .transformer(let vision) = model.configuration.vision else { return nil }
    return vision.transformer.width / vision.transformer.heads
  }

  private static let orders: [SeededDefect] = [
    tensor("a square matrix transposed", .transposed, { isMatrix($0, $1) && $1[0] == $1[1] }) { values, shape, _, _ in
      transposed(values, shape)
    },
    tensor("a matrix whose bytes lie transposed", .transposed, { isMatrix($0, $1) && $1[0] != $1[1] }) {
      values, shape, _, _ in transposed(values, shape)
    },
    tensor("queries and keys exchanged", .queriesKeysValuesExchanged, isQKV) { values, _, _, _ in
      let third = values.count / 3
      return Array(values[third..<2 * third] + values[..<third] + values[(2 * third)...])
    },
    tensor("values before keys", .queriesKeysValuesExchanged, isQKV) { values, _, _, _ in
      let third = values.count / 3
      return Array(values[..<third] + values[(2 * third)...] + values[third..<2 * third])
    },
    SeededDefect("queries, keys and values interleaved head by head", .headsInterleaved) { model, random in
      guard let entry = model.entries.filter({ isQKV($0, model.shape($0.name)) }).randomElement(using: &random),
        let head = headWidth(model, of: String(entry.name.prefix { $0 != "." }))
      else { return false }
      let shape = model.shape(entry.name)
      let width = shape[0] / 3
      guard width / head > 1 else { return false }
      let values = try model.values(entry.name)
      var out: [Float] = []
      for index in 0..<width / head {
        for kind in 0..<3 {
          let start = (kind * width + index * head) * shape[1]
          out += values[start..<start + head * shape[1]]
        }
      }
      try model.set(entry.name, out)
      return true
    },
    SeededDefect("two heads of the queries exchanged", .headsPermuted) { model, random in
      guard let entry = model.entries.filter({ isQKV($0, model.shape($0.name)) }).randomElement(using: &random),
        let head = headWidth(model, of: String(entry.name.prefix { $0 != "." }))
      else { return false }
      let shape = model.shape(entry.name)
      guard shape[0] / 3 / head > 1 else { return false }
      try model.change(entry.name) { values in
        let length = head * shape[1]
        for index in 0..<length { values.swapAt(index, length + index) }
      }
      return true
    },
    tensor("rows in another order", .rowsPermuted, { isMatrix($0, $1) && $0.name.contains("mlp") }) {
      values, shape, _, random in
      let order = (0..<shape[0]).shuffled(using: &random)
      var out: [Float] = []
      for row in order { out += values[row * shape[1]..<(row + 1) * shape[1]] }
      return out
    },
    tensor("columns in another order", .rowsPermuted, { isMatrix($0, $1) && $0.name.contains("mlp") }) {
      values, shape, _, random in
      let order = (0..<shape[1]).shuffled(using: &random)
      var out: [Float] = []
      for row in 0..<shape[0] { for column in order { out.append(values[row * shape[1] + column]) } }
      return out
    },
    tensor(
      "patches of blue, green, red", .channelsReversed, { entry, shape in isKernel(entry, shape) && shape[1] == 3 }
    ) {
      values, shape, _, _ in
      let area = shape[2] * shape[3]
      var out: [Float] = []
      for output in 0..<shape[0] {
        for channel in [2, 1, 0] {
          let start = (output * 3 + channel) * area
          out += values[start..<start + area]
        }
      }
      return out
    },
    tensor("kernels turned over", .kernelTransposed, isKernel) { values, shape, _, _ in
      let (h, w) = (shape[2], shape[3])
      return values.indices.map { index in
        let (kernel, rest) = index.quotientAndRemainder(dividingBy: h * w)
        return values[kernel * h * w + rest % w * w + rest / w]
      }
    },
    tensor("TensorFlow's order of axes", .layoutReinterpreted, isKernel) { values, shape, _, _ in
      let (o, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
      var out: [Float] = []
      for y in 0..<h {
        for x in 0..<w { for i in 0..<c { for k in 0..<o { out.append(values[((k * c + i) * h + y) * w + x]) } } }
      }
      return out
    },
    tensor(
      "positions off by one", .positionsShifted,
      { entry, shape in
        entry.name.hasSuffix("position_embedding") && shape[0] > 4
      }
    ) { values, shape, _, _ in
      let length = values.count / shape[0]
      return Array(values[length...] + values[(values.count - length)...])
    },
    tensor("token rows off by one", .vocabularyShifted, { entry, _ in entry.name == "text.token_embedding.weight" }) {
      values, shape, _, _ in
      let length = values.count / shape[0]
      return Array(values[..<length] + values[..<(values.count - length)])
    },
    tensor(
      "the last token rows missing", .vocabularyTruncated, { entry, _ in entry.name == "text.token_embedding.weight" }
    ) {
      values, shape, _, random in
      let rows = Int.random(in: 1...max(1, shape[0] / 8), using: &random)
      let kept = values.count - rows * (values.count / shape[0])
      return Array(values[..<kept]) + [Float](repeating: 0, count: values.count - kept)
    },
    tensor("bytes in the other order", .bytesSwapped, isMatrix) { values, _, _, _ in
      values.map { Float(bitPattern: $0.bitPattern.byteSwapped) }
    },
  ]

  private static func transposed(_ values: [Float], _ shape: [Int]) -> [Float] {
    var out: [Float] = []
    for column in 0..<shape[1] { for row in 0..<shape[0] { out.append(values[row * shape[1] + column]) } }
    return out
  }

  private static func logitScale(_ name: String, _ defect: Defect, _ change: @escaping @Sendable (Float) -> Float)
    -> SeededDefect
  {
    tensor(name, defect, { entry, _ in entry.name == "logit_scale" }) { values, _, _, _ in values.map(change) }
  }

  private static let values: [SeededDefect] = [
    logitScale("the logit scale left out", .logitScaleDropped) { _ in 0 },
    logitScale("the logit scale as a factor", .logitScaleExponentiated) { Float(exp(Double($0))) },
    logitScale("the logit scale as a temperature", .logitScaleExponentiated) { Float(exp(-Double($0))) },
    tensor("signs flipped", .signFlipped, isMatrix) { values, _, _, _ in values.map { -$0 } },
    tensor("divided by the root of the head width twice", .scaled, isMatrix) { values, _, _, _ in
      values.map { $0 * 0.125 }
    },
    tensor("scales for 127 where there are 128 steps", .scaled, isMatrix) { values, _, _, _ in
      values.map { $0 * (128.0 / 127) }
    },
    tensor("some channels doubled", .channelsScaled, { isMatrix($0, $1) && $1[0] > 3 }) { values, shape, _, random in
      let rows = Set((0..<2).map { _ in Int.random(in: 0..<shape[0], using: &random) })
      return values.indices.map { rows.contains($0 / shape[1]) ? values[$0] * 2 : values[$0] }
    },
    tensor(
      "the scales of columns for those of rows", .scalesOnWrongAxis,
      {
        isMatrix($0, $1) && $1[0] == $1[1] && $1[0] >= 12
      }
    ) { values, shape, _, _ in
      let n = shape[0]
      let scales = (0..<n).map { row in values[row * n..<(row + 1) * n].reduce(0) { max($0, $1.magnitude) } / 127 }
      guard scales.allSatisfy({ $0 > 0 }) else { return nil }
      return values.indices.map { (values[$0] / scales[$0 / n]).rounded(.toNearestOrEven) * scales[$0 % n] }
    },
    tensor("a zero point left in", .offset, isMatrix) { values, _, _, _ in
      let step = (values.map(\.magnitude).max() ?? 0) / 127
      return values.map { $0 + 8 * step }
    },
    tensor("deviations for variances", .varianceAsDeviation, { entry, _ in entry.name.hasSuffix("running_var") }) {
      values, _, _, _ in values.map { $0.squareRoot() }
    },
    tensor(
      "beyond half precision", .halfOverflow, { isMatrix($0, $1) && $0.name.contains("mlp.up") },
      prepare: {
        let factor = 200_000 / ($0.map(\.magnitude).max() ?? 1)
        return $0.map { $0 * factor }
      }
    ) { values, _, _, _ in values.map { min(max($0, -65504), 65504) } },
    tensor(
      "subnormals flushed", .subnormalsFlushed, { isMatrix($0, $1) && $0.name.contains("mlp.up") },
      prepare: {
        let factor = 2e-4 / ($0.map(\.magnitude).max() ?? 1)
        return $0.map { Float(Float16($0 * factor)) }
      }
    ) { values, _, _, _ in values.map { $0.magnitude < 0x1p-14 ? 0 : $0 } },
    tensor("bfloat16 by cutting off", .truncatedNotRounded, isMatrix) { values, _, _, _ in
      values.map { Float(bitPattern: $0.bitPattern & 0xffff_0000) }
    },
    tensor("through float16 and back", .precisionLost, isMatrix) { values, _, _, _ in
      values.map { Float(Float16($0)) }
    },
    tensor("two rows of another tensor", .rowsChanged, { isMatrix($0, $1) && $1[0] >= 12 }) {
      values, shape, _, random in
      let length = shape[1]
      let row = Int.random(in: 0..<shape[0] - 1, using: &random)
      let size = values.map(\.magnitude).max() ?? 1
      return values.indices.map {
        (row...row + 1).contains($0 / length) ? Float.random(in: -size...size, using: &random) : values[$0]
      }
    },
  ]
}
