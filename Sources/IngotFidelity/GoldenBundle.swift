// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotSafetensors
import IngotTensor

/// Inputs of a CLIP model, and what a reference computed from them, in a safetensors file (`Formats/golden.md`).
public struct GoldenBundle: Sendable {
  /// `[images, 3, size, size]`, normalised; empty where the bundle has no images.
  public let pixels: [Float]
  /// How many images.
  public let imageCount: Int
  /// Token ids; empty where the bundle has no texts.
  public let texts: [[Int32]]
  /// The reference's unit image embeddings, `[images, width]`.
  public let imageEmbeds: Matrix<Float>?
  /// The reference's unit text embeddings, `[texts, width]`.
  public let textEmbeds: Matrix<Float>?
  /// The reference's logits, `[images, texts]`.
  public let logits: Matrix<Float>?
  /// The right text of each image, where the bundle says it.
  public let labels: [Int]?
  /// The files that images were read from, where they were.
  public let imageNames: [String]
  private let file: SafetensorsFile?

  /// Wraps inputs that no reference has seen.
  ///
  /// - Parameters:
  ///   - pixels: `[imageCount, 3, size, size]`, normalised.
  ///   - imageCount: how many images.
  ///   - texts: token ids.
  ///   - imageNames: the files that images were read from; empty where they were not.
  public init(pixels: [Float], imageCount: Int, texts: [[Int32]], imageNames: [String] = []) {
    self.pixels = pixels
    self.imageNames = imageNames
    labels = nil
    self.imageCount = imageCount
    self.texts = texts
    (imageEmbeds, textEmbeds, logits, file) = (nil, nil, nil, nil)
  }

  /// Whether a safetensors file is a bundle and not a checkpoint.
  public static func isBundle(_ file: SafetensorsFile) -> Bool {
    file.tensor(named: "pixel_values") != nil || file.tensor(named: "input_ids") != nil
  }

  /// Reads a bundle; hidden states are read when they are asked for.
  ///
  /// - Parameter file: may have `labels` I64 `[B]`, the index of the right text of each image; has `pixel_values` F32 `[B, 3, H, W]`, `input_ids` I64 `[N, L]` or both, and perhaps `image_embeds`, `text_embeds`,
  ///   `logits_per_image`, `vision.hidden.K` and `text.hidden.K`, all F32.
  /// - Throws: `missing` when there are no inputs, `mismatch` for a tensor of another type or shape.
  public init(_ file: SafetensorsFile) throws {
    self.file = file
    guard Self.isBundle(file) else {
      throw CheckpointError(.missing, .bundle, "found neither pixel_values nor input_ids")
    }
    if let tensor = file.tensor(named: "pixel_values") {
      guard tensor.type == .float32, tensor.shape.rank == 4, tensor.shape[1] == 3, tensor.shape[2] == tensor.shape[3]
      else {
        throw Self.mismatch(tensor, "F32 [images, 3, size, size]")
      }
      pixels = try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) }
      imageCount = tensor.shape[0]
    } else {
      pixels = []
      imageCount = 0
    }
    if let tensor = file.tensor(named: "input_ids") {
      guard tensor.type == .int64, tensor.shape.rank == 2 else { throw Self.mismatch(tensor, "I64 [texts, tokens]") }
      let ids = try file.withBytes(of: tensor) { [Int64](littleEndianBytes: $0) }
      let length = tensor.shape[1]
      texts = try (0..<tensor.shape[0]).map { text in
        try ids[text * length..<(text + 1) * length].map { id in
          guard let token = Int32(exactly: id) else {
            throw CheckpointError(
              .overflow, .bundle, subject: "input_ids",
              "token \(id) of text \(text), the largest possible is \(Int32.max)")
          }
          return token
        }
      }
    } else {
      texts = []
    }
    imageNames = []
    labels = try Self.labels(file, images: imageCount, texts: texts.count)
    imageEmbeds = try Self.matrix(file, "image_embeds", rows: imageCount)
    textEmbeds = try Self.matrix(file, "text_embeds", rows: texts.count)
    logits = try Self.matrix(file, "logits_per_image", rows: imageCount)
    if let logits, logits.columns != texts.count {
      throw CheckpointError(
        .mismatch, .bundle, subject: "logits_per_image",
        "found \(logits.columns) columns, there are \(texts.count) texts")
    }
  }

  /// The reference's output of a block, for all images or texts.
  ///
  /// - Parameters:
  ///   - name: `vision.hidden.3`.
  ///   - shape: of one image or text.
  ///   - count: how many.
  /// - Returns: the numbers; `nil` when the bundle does not have them.
  /// - Throws: `mismatch` for another type or shape.
  func hidden(_ name: String, shape: Shape, count: Int) throws -> [Float]? {
    guard let file, let tensor = file.tensor(named: name) else { return nil }
    guard tensor.type == .float32, tensor.shape.extents == [count] + shape.extents else {
      throw Self.mismatch(tensor, "F32 [\(count)] × \(shape)")
    }
    return try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) }
  }

  /// The right text of each image.
  private static func labels(_ file: SafetensorsFile, images: Int, texts: Int) throws -> [Int]? {
    guard let tensor = file.tensor(named: "labels") else { return nil }
    guard tensor.type == .int64, tensor.shape.extents == [images] else {
      throw mismatch(tensor, "I64 [\(images)]")
    }
    return try file.withBytes(of: tensor) { [Int64](littleEndianBytes: $0) }.enumerated().map { image, label in
      guard let text = Int(exactly: label), (0..<texts).contains(text) else {
        throw CheckpointError(
          .malformed, .bundle, subject: "labels", "image \(image) has text \(label), there are \(texts)")
      }
      return text
    }
  }

  /// Some of these images and texts, without results.
  ///
  /// - Parameters:
  ///   - images: which images.
  ///   - texts: which texts.
  /// - Returns: inputs.
  func choosing(images: [Int], texts: [Int]) -> GoldenBundle {
    let length = imageCount == 0 ? 0 : pixels.count / imageCount
    return GoldenBundle(
      pixels: images.flatMap { pixels[$0 * length..<($0 + 1) * length] }, imageCount: images.count,
      texts: texts.map { self.texts[$0] })
  }

  private static func matrix(_ file: SafetensorsFile, _ name: String, rows: Int) throws -> Matrix<Float>? {
    guard let tensor = file.tensor(named: name) else { return nil }
    guard tensor.type == .float32, tensor.shape.rank == 2, tensor.shape[0] == rows else {
      throw mismatch(tensor, "F32 with \(rows) rows")
    }
    let values = try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) }
    return Matrix(values: values, rows: rows, columns: tensor.shape[1])
  }

  private static func mismatch(_ tensor: TensorDescriptor, _ expected: String) -> CheckpointError {
    CheckpointError(
      .mismatch, .bundle, subject: tensor.name, "found \(tensor.type.rawValue) \(tensor.shape), expected \(expected)")
  }
}

extension FormatKind {
  /// Faults of a golden bundle.
  public static let bundle = FormatKind(rawValue: "bundle")
}
