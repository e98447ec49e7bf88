// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotSafetensors
import IngotTensor

/// What a model computes from the inputs of a bundle.
public struct ModelOutputs<R: Real>: Sendable {
  /// Unit image embeddings, `[images, width]`; `nil` where there are no images.
  public let imageEmbeds: Matrix<R>?
  /// Unit text embeddings, `[texts, width]`; `nil` where there are no texts.
  public let textEmbeds: Matrix<R>?
  /// `[images, texts]`; `nil` where either is missing.
  public let logits: Matrix<R>?
  /// The output of each block, by its name in bundles: the shape of one image or text, and all numbers.
  public let hidden: [String: (shape: Shape, values: [R])]

  /// Whether the output of each block is kept.
  public enum HiddenStates: Sendable {
    /// No.
    case none
    /// Yes; padding is computed too.
    case all
  }

  /// Runs a model.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - bundle: the inputs.
  ///   - batch: images or texts computed together; changes memory, not results.
  ///   - compute: how to compute.
  ///   - hidden: whether to keep the output of each block.
  /// - Throws: `mismatch` when the inputs do not fit the model.
  public init(
    running encoder: CLIPEncoder<R>, on bundle: GoldenBundle, batch: Int = 16, _ compute: Compute,
    hidden: HiddenStates = .none
  ) throws {
    let encoder = encoder.fitted(to: bundle.texts)
    var states: [String: (shape: Shape, values: [R])] = [:]
    func keep(_ state: HiddenState<R>) {
      let shape = Shape(checking: Array(state.shape.extents.dropFirst())) ?? Shape()
      states[state.name, default: (shape, [])].values += state.values
    }
    imageEmbeds =
      bundle.imageCount == 0
      ? nil
      : try encoder.embedImages(
        bundle.pixels, count: bundle.imageCount, batch: batch, compute, observe: hidden == .all ? keep : nil)
    textEmbeds =
      bundle.texts.isEmpty
      ? nil : try encoder.embedTexts(bundle.texts, batch: batch, compute, observe: hidden == .all ? keep : nil)
    if encoder.configuration.similarity != .none, let imageEmbeds, let textEmbeds {
      logits = try encoder.logits(imageEmbeds, textEmbeds, compute)
    } else {
      logits = nil
    }
    self.hidden = states
  }

  private init(
    imageEmbeds: Matrix<R>?, textEmbeds: Matrix<R>?, logits: Matrix<R>?
  ) {
    self.imageEmbeds = imageEmbeds
    self.textEmbeds = textEmbeds
    self.logits = logits
    hidden = [:]
  }

  /// What belongs to some of the images and texts, without hidden states.
  func choosing(images: [Int], texts: [Int]) -> ModelOutputs {
    let corner = logits.map { logits in
      Matrix(
        values: images.flatMap { image in texts.map { logits.values[image * logits.columns + $0] } },
        rows: images.count, columns: texts.count)
    }
    return ModelOutputs(
      imageEmbeds: imageEmbeds?.gathering(images), textEmbeds: textEmbeds?.gathering(texts), logits: corner)
  }

  /// Writes a bundle's outputs: `image_embeds`, `text_embeds`, `logits_per_image` and the hidden states there are.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`.
  public func write(to path: String, existing: AtomicFile.Existing) throws {
    var tensors: [(descriptor: TensorDescriptor, bytes: [UInt8])] = []
    let type: ElementType = R.precision == .float32 ? .float32 : .float64
    func add(_ name: String, _ extents: [Int], _ values: [R]) {
      guard let shape = Shape(checking: extents),
        let descriptor = TensorDescriptor(name: name, type: type, shape: shape, access: .assembled)
      else { preconditionFailure("what is in memory has a size") }
      tensors.append((descriptor, values.withRawSpan { $0.copied() }))
    }
    if let imageEmbeds { add("image_embeds", [imageEmbeds.rows, imageEmbeds.columns], imageEmbeds.values) }
    if let textEmbeds { add("text_embeds", [textEmbeds.rows, textEmbeds.columns], textEmbeds.values) }
    if let logits { add("logits_per_image", [logits.rows, logits.columns], logits.values) }
    for (name, state) in hidden.sorted(by: { $0.key < $1.key }) {
      add(name, [state.values.count / max(1, state.shape.elementCount)] + state.shape.extents, state.values)
    }
    try SafetensorsWriter.write(path: path, existing: existing, tensors: tensors, metadata: [:])
  }
}
