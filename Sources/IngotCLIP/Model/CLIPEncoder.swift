// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A model ready to embed images and texts, in float32 or, as a reference, in float64.
///
/// Results do not depend on batch size, thread count or instruction path, not in a single bit.
public struct CLIPEncoder<R: Real>: Sendable {
  enum Vision: Sendable {
    case transformer(VisionTransformer<R>)
    case staged(any StagedTower<R>)
  }

  /// In which numbers activations enter products with int8 weights.
  public let activations: ActivationEncoding
  /// What the model is.
  public private(set) var configuration: CLIPConfiguration
  let vision: Vision?
  private(set) var text: TextTransformer<R>?
  /// `nil` for a tower alone.
  private let logitScaleLogarithm: R?
  private let bias: R

  /// Prepares a model; weights stay where they are in the checkpoint.
  ///
  /// - Parameters:
  ///   - configuration: a validated configuration.
  ///   - checkpoint: tensors under canonical names.
  ///   - activations: in which numbers activations enter products with int8 weights, `nil` for the configuration's default; the float64 reference
  ///     always takes them as they are.
  ///   - shared: weights of encoders of the same model, which need not be packed again; `nil` for none.
  /// - Throws: `mismatch` listing every missing or mis-shaped tensor, `unsupported` for a type inference does not take.
  public init(
    _ configuration: CLIPConfiguration, _ checkpoint: any Checkpoint, activations: ActivationEncoding? = nil,
    sharing shared: SharedWeights? = nil
  ) throws {
    let activations = activations ?? configuration.activations ?? .int16
    // Everything that can throw comes before the first property is set.
    let parameters = try Parameters(checkpoint, for: configuration, activations, sharing: shared)
    let vision: Vision? =
      switch configuration.vision {
      case .transformer(let vision): .transformer(try VisionTransformer(parameters, vision))
      case .residualNetwork(let vision): .staged(try ModifiedResNet(parameters, vision))
      case .convolutional(let vision): .staged(try ConvolutionalTower(parameters, vision))
      case .mobile(let vision): .staged(try MobileTower(parameters, vision))
      case nil: nil
      }
    let text = try configuration.text.map { try TextTransformer<R>(parameters, $0) }
    let logitScale: [R] = configuration.similarity == .none ? [] : try parameters.vector("logit_scale")
    let logitBias: [R] = configuration.similarity == .sigmoid ? try parameters.vector("logit_bias") : []
    self.activations = activations
    self.configuration = configuration
    self.vision = vision
    self.text = text
    logitScaleLogarithm = logitScale.first
    bias = logitBias.first ?? 0
  }

  /// The factor between cosine similarities and logits: e to the stored `logit_scale`; 1 for a tower alone.
  public var logitScale: R { logitScaleLogarithm.map { R(exponential(Double($0))) } ?? 1 }

  /// What is added to scaled cosines; 0 for models without such a number.
  public var logitBias: R { bias }

  /// The same model for texts that all have the same number of tokens, at most as many as the model takes: nothing is filled up.
  ///
  /// - Parameter texts: token ids; of other lengths, or none, they change nothing, and embedding them will say what is wrong.
  /// - Returns: the model.
  public func fitted(to texts: [[Int32]]) -> CLIPEncoder {
    guard let length = texts.first?.count, length >= 1, texts.allSatisfy({ $0.count == length }),
      let tower = configuration.text, length < tower.contextLength
    else { return self }
    var fitted = self
    fitted.configuration.text?.positionCount = tower.positionCount ?? tower.contextLength
    fitted.configuration.text?.contextLength = length
    if let text = fitted.configuration.text { fitted.text?.configuration = text }
    return fitted
  }

  /// The image tower.
  ///
  /// - Throws: `unsupported` when the model is a text tower alone.
  func requireVision() throws(CheckpointError) -> Vision {
    guard let vision else {
      throw CheckpointError(.unsupported, .clip, subject: "vision", "the model is a text tower, it has no image tower")
    }
    return vision
  }

  /// The text tower.
  ///
  /// - Throws: `unsupported` when the model is an image tower alone.
  func requireText() throws(CheckpointError) -> TextTransformer<R> {
    guard let text else {
      throw CheckpointError(.unsupported, .clip, subject: "text", "the model is an image tower, it has no text tower")
    }
    return text
  }

  /// Embeds images.
  ///
  /// - Parameters:
  ///   - pixels: `[count, 3, size, size]`, normalised as the preprocessing says.
  ///   - count: how many images.
  ///   - batch: how many are computed together; changes memory, not results.
  ///   - compute: how to compute.
  ///   - observe: sees the output of each block of each batch.
  /// - Returns: `[count, embeddingWidth]`, each row of unit length.
  /// - Throws: `mismatch` when there are not as many pixels as the images have.
  public func embedImages(
    _ pixels: [Float], count: Int, batch: Int = 16, _ compute: Compute, observe: Observer<R>? = nil
  ) throws -> Matrix<R> {
    var values: [R] = []
    values.reserveCapacity(count * configuration.embeddingWidth)
    try forEachBatch(of: pixels, count: count, batch, compute) { images, first in
      values += try embed(images, first: first, compute, observe).values
    }
    var embeddings = Matrix(values: values, rows: count, columns: configuration.embeddingWidth)
    compute.l2Normalize(&embeddings)
    return embeddings
  }

  /// Embeds texts.
  ///
  /// - Parameters:
  ///   - texts: token ids, each `contextLength` long.
  ///   - batch: how many are computed together; changes memory, not results.
  ///   - compute: how to compute.
  ///   - observe: sees the output of each block of each batch; where given, padding is computed too.
  /// - Returns: `[texts, embeddingWidth]`, each row of unit length.
  /// - Throws: `mismatch` for a wrong length or a token outside the vocabulary.
  public func embedTexts(
    _ texts: [[Int32]], batch: Int = 32, _ compute: Compute, observe: Observer<R>? = nil
  ) throws -> Matrix<R> {
    let text = try check(texts)
    var values: [R] = []
    values.reserveCapacity(texts.count * configuration.embeddingWidth)
    for start in stride(from: 0, to: texts.count, by: max(1, batch)) {
      let part = Array(texts[start..<min(start + max(1, batch), texts.count)])
      let context = text.configuration.contextLength
      let lengths = observe == nil ? text.neededLengths(of: part) : part.map { _ in context }
      guard let observe else {
        values += try text.embed(part, lengths: lengths, compute).values
        continue
      }
      values += try text.embed(part, lengths: lengths, compute) { index, x in
        try observe(
          HiddenState(
            tower: .text, block: index, first: start, count: part.count,
            shape: Shape(part.count, context, x.columns), values: x.values))
      }.values
    }
    var embeddings = Matrix(values: values, rows: texts.count, columns: configuration.embeddingWidth)
    compute.l2Normalize(&embeddings)
    return embeddings
  }

  /// Logits of each image against each text: `logitScale · image · text + logitBias`.
  ///
  /// - Parameters:
  ///   - images: `[images, embeddingWidth]`, unit rows.
  ///   - texts: `[texts, embeddingWidth]`, unit rows.
  ///   - compute: how to compute.
  /// - Returns: `[images, texts]`.
  /// - Throws: what computing throws.
  public func logits(_ images: Matrix<R>, _ texts: Matrix<R>, _ compute: Compute) throws -> Matrix<R> {
    var logits = Matrix<R>(rows: images.rows, columns: texts.rows)
    let scale = [R](repeating: logitScale, count: texts.rows)
    let biases = [R](repeating: bias, count: configuration.similarity == .sigmoid ? texts.rows : 0)
    try compute.product(images, WeightMatrix(rows: texts), scale: scale, bias: biases, into: &logits)
    return logits
  }

  private func embed(
    _ images: [[R]], first: Int, _ compute: Compute, _ observe: Observer<R>?
  ) throws -> Matrix<R> {
    switch try requireVision() {
    case .transformer(let tower):
      guard let observe else { return try tower.embed(images, compute) }
      return try tower.embed(images, compute) { index, x in
        try observe(
          HiddenState(
            tower: .vision, block: index, first: first, count: images.count,
            shape: Shape(images.count, x.rows / images.count, x.columns), values: x.values))
      }
    case .staged(let tower):
      return try tower.embed(images, compute) { index, x in
        try observe?(
          HiddenState(
            tower: .vision, block: index, first: first, count: images.count,
            shape: Shape(images.count, x.channels, x.height, x.width), values: x.channelsFirst()))
      }
    }
  }

  /// Hands on images with channels last, some at a time, and the index of the first of them.
  func forEachBatch(
    of pixels: [Float], count: Int, _ batch: Int, _ compute: Compute,
    _ body: (_ images: [[R]], _ first: Int) throws -> Void
  ) throws {
    guard let size = configuration.vision?.imageSize else {
      _ = try requireVision()
      return
    }
    let length = 3 * size * size
    guard let expected = count.multiplied(by: length), pixels.count == expected else {
      throw CheckpointError(
        .mismatch, .clip, subject: "pixel_values",
        "found \(pixels.count) numbers, \(count) images of 3×\(size)×\(size) were announced")
    }
    for start in stride(from: 0, to: count, by: max(1, batch)) {
      let images: [[R]] = (start..<min(start + max(1, batch), count)).map { index in
        compute.channelsLast(pixels[index * length..<(index + 1) * length], channels: 3)
      }
      try body(images, start)
    }
  }

  /// Texts have the model's length, and tokens of its vocabulary.
  ///
  /// - Returns: the text tower.
  func check(_ texts: [[Int32]]) throws(CheckpointError) -> TextTransformer<R> {
    let tower = try requireText()
    let context = tower.configuration.contextLength
    for (index, text) in texts.enumerated() {
      guard text.count == context else {
        throw CheckpointError(
          .mismatch, .clip, subject: "input_ids", "text \(index) has \(text.count) tokens, the model takes \(context)")
      }
      if let token = text.first(where: { $0 < 0 || Int($0) >= tower.configuration.vocabularySize }) {
        throw CheckpointError(
          .mismatch, .clip, subject: "input_ids",
          "text \(index) has token \(token), the vocabulary has \(tower.configuration.vocabularySize)")
      }
    }
    return tower
  }
}

/// Receives the output of blocks while a model runs.
public typealias Observer<R: Real> = (HiddenState<R>) throws -> Void

/// The output of one block for the images or texts of one batch.
public struct HiddenState<R: Real>: Sendable {
  /// Which tower.
  public let tower: Tower
  /// Index of the block within the tower, or of the stage of a residual network.
  public let block: Int
  /// Index of the first image or text of the batch.
  public let first: Int
  /// Images or texts in the batch.
  public let count: Int
  /// `[count, tokens, width]`, or `[count, channels, height, width]` for a residual network.
  public let shape: Shape
  /// The numbers, row-major.
  public let values: [R]

  /// The name in golden bundles: `vision.hidden.3`.
  public var name: String { "\(tower.rawValue).hidden.\(block)" }
}

/// The two halves of a CLIP model.
public enum Tower: String, Sendable, Hashable, CaseIterable {
  /// The image tower.
  case vision
  /// The text tower.
  case text
}
