// SPDX-License-Identifier: Apache-2.0

/// An `.ingot` file opened for inference: images and texts in, embeddings and logits out.
///
///     let model = try CLIPModel(path: "clip.ingot")
///     let texts = try model.embed(texts: ["a photo of a dog", "a photo of a cat"])
///     let images = try model.embed(imageFiles: ["pet.jpg"])
///     let logits = try model.logits(images, texts)
///
/// Weights are run from the mapped file. Results are the same bits for every number of threads.
public struct CLIPModel: Sendable {
  /// What the model is.
  public let configuration: CLIPConfiguration
  /// The tokenizer embedded in the file, if there is one.
  public let tokenizer: Tokenizer?
  /// How to compute; by default on all processors.
  public var compute: Compute
  private let encoder: CLIPEncoder<Float>
  private let preprocessing: ImagePreprocessing?

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: an `.ingot` file.
  ///   - compute: how to compute.
  /// - Throws: `FileError` when it cannot be read, `CheckpointError` when it is no `.ingot` file, is damaged, or holds no model.
  public init(path: String, compute: Compute = Compute()) throws {
    let file = try IngotFile(MappedFile(path: path))
    let configuration = try file.configuration()
    let tokenizer = try file.tokenizer()
    let encoder = try CLIPEncoder<Float>(configuration, file)
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.encoder = encoder
    self.compute = compute
    preprocessing = try configuration.preprocessing.map { try ImagePreprocessing($0) }
  }

  /// The factor between cosine similarities and logits.
  public var logitScale: Float { encoder.logitScale }

  /// Embeds texts.
  ///
  /// - Parameter texts: each becomes at most `configuration.text.contextLength` tokens.
  /// - Returns: `[texts, embeddingWidth]`, rows of unit length.
  /// - Throws: `unsupported` without a text tower, `missing` when the file has no tokenizer, and what the tokenizer throws for a text that
  ///   is too long.
  public func embed(texts: [String]) throws -> Matrix<Float> {
    let context = try configuration.requireText().contextLength
    guard let tokenizer else {
      throw CheckpointError(
        .missing, .ingot, subject: "section \(SectionKind.tokenizer)", "the file embeds no tokenizer")
    }
    return try encoder.embedTexts(
      tokenizer.rows(for: texts, contextLength: context), compute)
  }

  /// Embeds image files, some at a time, so that memory does not grow with their number but for the result.
  ///
  /// - Parameter paths: PNG or JPEG files.
  /// - Returns: `[images, embeddingWidth]`, rows of unit length.
  /// - Throws: `unsupported` without an image tower, and what decoding throws.
  public func embed(imageFiles paths: [String]) throws -> Matrix<Float> {
    let preprocessing = try preprocessing ?? ImagePreprocessing(configuration.requirePreprocessing())
    return try encoder.embedImages(paths.count, compute) { try preprocessing.tensor(fromFile: paths[$0]) }
  }

  /// Embeds pixel values that were prepared elsewhere.
  ///
  /// - Parameters:
  ///   - pixels: `[count, 3, size, size]`, normalised as `configuration.preprocessing` says.
  ///   - count: how many images.
  /// - Returns: `[count, embeddingWidth]`, rows of unit length.
  /// - Throws: `mismatch` for another number of pixels.
  public func embed(pixels: [Float], count: Int) throws -> Matrix<Float> {
    try encoder.embedImages(pixels, count: count, compute)
  }

  /// Logits of each image against each text.
  ///
  /// - Parameters:
  ///   - images: unit rows.
  ///   - texts: unit rows.
  /// - Returns: `[images, texts]`.
  /// - Throws: nothing for matrices of the model's own width.
  public func logits(_ images: Matrix<Float>, _ texts: Matrix<Float>) throws -> Matrix<Float> {
    try encoder.logits(images, texts, compute)
  }
}
