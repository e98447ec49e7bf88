// SPDX-License-Identifier: Apache-2.0

import Ingot
import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotFile
import IngotImage
import IngotQuantization
import IngotSafetensors
import IngotTensor

/// Images and texts that a model is run on, to see what its weights meet and what their errors do.
struct CalibrationInputs {
  /// `[imageCount, 3, size, size]`, normalised.
  private(set) var pixels: [Float] = []
  private(set) var imageCount = 0
  /// Token ids, each as long as the model takes.
  private(set) var texts: [[Int32]] = []

  /// The most images that are kept: 300 MB of pixels at 224 × 224.
  static let mostImages = 512
  /// The most texts.
  static let mostTexts = 8192

  /// Reads what a person named.
  ///
  /// - Parameters:
  ///   - paths: folders of PNG and JPEG files, such files, golden bundles, and text files with one text a line.
  ///   - model: whose preprocessing and tokenizer are used.
  ///   - tokenizer: a vocabulary, where the model has none embedded.
  /// - Throws: what reading throws; `limit` for too much.
  init(_ paths: [String], for model: LoadedModel, tokenizer: String?) throws {
    for path in paths {
      if FilePath.kind(of: path) == .folder {
        let names = try Folder.entries(of: path).map(\.name).filter(isPicture)
        guard !names.isEmpty else { throw Self.fault(path, .missing, "found no PNG or JPEG file in this folder") }
        for name in names { try add(image: "\(path)/\(name)", model) }
      } else if isPicture(path) {
        try add(image: path, model)
      } else if path.hasSuffix(".safetensors") {
        let bundle = try reading(path) { try GoldenBundle(SafetensorsFile(MappedFile(path: path))) }
        pixels += bundle.pixels
        imageCount += bundle.imageCount
        texts += bundle.texts
      } else {
        let vocabulary = try model.tokenizer(at: tokenizer)
        let context = try reading(path) { try model.configuration.requireText().contextLength }
        texts += try reading(path) { try vocabulary.rows(for: lines(ofFile: path), contextLength: context) }
      }
      guard imageCount <= Self.mostImages, texts.count <= Self.mostTexts else {
        throw Self.fault(
          path, .limit,
          "\(imageCount) images and \(texts.count) texts up to here, at most \(Self.mostImages) and \(Self.mostTexts) are taken"
        )
      }
    }
  }

  /// Takes inputs that are there.
  init(_ bundle: GoldenBundle) {
    pixels = bundle.pixels
    imageCount = bundle.imageCount
    texts = bundle.texts
  }

  /// The same, as inputs of a comparison.
  var bundle: GoldenBundle { GoldenBundle(pixels: pixels, imageCount: imageCount, texts: texts) }

  /// The same, as what models are run on.
  var set: CalibrationSet {
    CalibrationSet(pixels: pixels, imageCount: imageCount, texts: texts, digest: record.sha256)
  }

  /// What provenance says of them: the digest is that of the digests of each image's pixels (little-endian float32) and each text's token ids
  /// (little-endian int32), one after the other.
  var record: Provenance.Calibration {
    var digests: [UInt8] = []
    let size = imageCount == 0 ? 0 : pixels.count / imageCount
    for image in 0..<imageCount {
      digests += Array(pixels[image * size..<(image + 1) * size]).withRawSpan { SHA256Digest(of: $0).bytes }
    }
    for text in texts { digests += text.withRawSpan { SHA256Digest(of: $0).bytes } }
    return Provenance.Calibration(
      sha256: digests.withRawSpan { SHA256Digest(of: $0).description }, images: imageCount, texts: texts.count)
  }

  /// What integers are rounded on where nothing is given: 64 images and 64 texts.
  static func madeForRounding(_ configuration: CLIPConfiguration) -> CalibrationInputs {
    CalibrationInputs(
      ProbeInputs.bundle(for: configuration, images: 64, texts: 64, seeds: ProbeInputs.calibrationSeeds))
  }

  /// What is planned with where nothing is given, and twice as much to judge plans by.
  static func made(for configuration: CLIPConfiguration) -> (seen: CalibrationSet, unseen: CalibrationSet?) {
    CalibrationInputs(ProbeInputs.bundle(for: configuration, images: 48, texts: 96)).split(images: 16, texts: 32)
  }

  /// What is planned with, at most 32 images and 64 texts evenly spread over all, and what plans are judged by besides: others, up to twice as many.
  var planning: (seen: CalibrationSet, unseen: CalibrationSet?) { split(images: 32, texts: 64) }

  /// Every other image and every other text, and the rest; what there is one of is in both.
  var halves: (CalibrationInputs, CalibrationInputs) {
    func half(_ start: Int) -> CalibrationInputs {
      chosen(
        images: Array(stride(from: imageCount == 1 ? 0 : start, to: imageCount, by: 2)),
        texts: Array(stride(from: texts.count == 1 ? 0 : start, to: texts.count, by: 2)))
    }
    return (half(0), half(1))
  }

  private func chosen(images: [Int], texts: [Int]) -> CalibrationInputs {
    let length = imageCount == 0 ? 0 : pixels.count / imageCount
    var chosen = CalibrationInputs()
    chosen.pixels = images.flatMap { pixels[$0 * length..<($0 + 1) * length] }
    chosen.imageCount = images.count
    chosen.texts = texts.map { self.texts[$0] }
    return chosen
  }

  private func split(
    images mostImages: Int, texts mostTexts: Int
  ) -> (seen: CalibrationSet, unseen: CalibrationSet?) {
    func split(_ count: Int, _ most: Int) -> (seen: [Int], unseen: [Int]) {
      let seen = count <= most ? Array(0..<count) : (0..<most).map { $0 * count / most }
      let chosen = Set(seen)
      return (seen, Array((0..<count).filter { !chosen.contains($0) }.prefix(2 * most)))
    }
    let images = split(imageCount, mostImages)
    let texts = split(self.texts.count, mostTexts)
    let hasOthers = (imageCount == 0 || !images.unseen.isEmpty) && (self.texts.isEmpty || !texts.unseen.isEmpty)
    return (
      chosen(images: images.seen, texts: texts.seen).set,
      hasOthers ? chosen(images: images.unseen, texts: texts.unseen).set : nil
    )
  }

  private init() {}

  /// Runs a model on the inputs and keeps the second moments of what its weights meet.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - compute: how to compute.
  /// - Returns: the moments.
  /// - Throws: `mismatch` where inputs do not fit the model.
  func moments(_ encoder: CLIPEncoder<Float>, _ compute: Compute) throws -> InputMoments {
    let moments = InputMoments()
    try run(encoder, observer: moments, compute)
    return moments
  }

  /// Runs a model on the inputs before somebody's eyes.
  func run(_ encoder: CLIPEncoder<Float>, observer: any ProductObserver, _ compute: Compute) throws {
    var observed = compute
    observed.observer = observer
    if imageCount > 0 { _ = try encoder.embedImages(pixels, count: imageCount, observed) }
    if !texts.isEmpty { _ = try encoder.fitted(to: texts).embedTexts(texts, observed) }
  }

  private mutating func add(image path: String, _ model: LoadedModel) throws {
    guard imageCount < Self.mostImages else {
      throw Self.fault(path, .limit, "at most \(Self.mostImages) images are taken")
    }
    let preprocessing = try ImagePreprocessing(model.configuration.requirePreprocessing())
    pixels += try reading(path) { try preprocessing.tensor(fromFile: path) }
    imageCount += 1
  }

  private static func fault(_ path: String, _ code: CheckpointError.Code, _ detail: String) -> InputError {
    InputError(path: path, cause: CheckpointError(code, .calibration, detail))
  }
}
