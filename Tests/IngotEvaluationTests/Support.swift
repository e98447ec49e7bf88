// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ingot
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotDatasets
import IngotFile
import IngotImage
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

/// Where Debian's `dataset-fashion-mnist` puts its files.
let fashionFolder = "/usr/share/datasets/fashion-mnist"

/// The model that was trained on Fashion-MNIST, in some encoding.
struct FashionModel {
  let folder: TemporaryFolder
  let subject: EvaluationSubject

  init(_ scheme: EncodingScheme = .source, name: String = "fashion", _ compute: Compute = Compute()) throws {
    folder = try TemporaryFolder()
    let path = folder.path("\(name).ingot")
    let source = try Source(path: Fixtures.path("fashion-clip/state_dict.pt"))
    let plan = try ConversionPlan(source, scheme: scheme, options: ModelOptions(activation: .quickGELU))
    let tokenizer = Fixtures.path("fashion-clip/bpe_vocab.txt.gz")
    _ = try Converter(compute, existing: .refuse).convert(source, plan, tokenizer: nil, to: path)
    let file = try IngotFile(MappedFile(path: path))
    let configuration = try file.configuration()
    let preprocessing = try configuration.requirePreprocessing()
    subject = EvaluationSubject(
      name: path, encoding: scheme.rawValue, digest: file.rootDigest.description,
      encoder: try CLIPEncoder<Float>(configuration, file), preprocessing: preprocessing,
      steps: try ImagePreprocessing(preprocessing), tokenizer: { try Tokenizer(contentsOf: tokenizer) })
  }
}

/// Fashion-MNIST with the prompts the model was trained for.
func fashionDataset() throws -> Dataset {
  var options = DatasetOptions(path: fashionFolder)
  options.isStrict = true
  options.classNames = try NamedClasses(contentsOf: Fixtures.path("evaluation/class-names.txt"))
  options.templates = try PromptTemplates.read(contentsOf: Fixtures.path("evaluation/templates.txt"))
  return try DatasetCatalogue.open("fashion-mnist", options)
}

/// Samples that are numbers: picture i has i as its first byte.
struct NumberSamples: SampleSource {
  let labels: [Int]
  var missing: Set<Int> = []

  var count: Int { labels.count }
  func name(at index: Int) -> String { "sample-\(index)" }
  func label(at index: Int) -> SampleLabel { .one(labels[index]) }
  func image(at index: Int) throws -> SampleImage {
    if missing.contains(index) { throw FileError(.inputMissing, path: name(at: index), "is not there") }
    return .pixels(
      RawPicture(width: 2, height: 1, channels: 1, pixels: [UInt8(index & 0xff), UInt8(index >> 8)]))
  }
}

/// Features that are made of a number: no model, and nothing that takes time.
struct NumberFeatures: FeatureExtractor {
  let width: Int
  var limit = Int.max

  struct Stopped: Error {}

  func prepare(_ image: SampleImage) throws -> [Float] {
    guard case .pixels(let picture) = image else { throw Stopped() }
    let number = Int(picture.pixels[0]) | Int(picture.pixels[1]) << 8
    if number >= limit { throw Stopped() }
    return [Float(number)]
  }

  func features(of prepared: [[Float]], _ compute: Compute) throws -> Matrix<Float> {
    Matrix(
      values: prepared.flatMap { row in
        (0..<width).map { (row[0] * 37 + Float($0) * 11).truncatingRemainder(dividingBy: 97) / 10 }
      },
      rows: prepared.count, columns: width)
  }
}

func numberKey(_ samples: NumberSamples, model: String = "m", classes: Int = 3) -> FeatureKey {
  FeatureKey(
    model: model, activations: nil, preprocessing: nil, layer: .projected, isNormalized: false, dataset: "numbers",
    split: "test", samples: FeatureKey.digest(of: samples), count: samples.count, classes: classes, isMultiLabel: false)
}

/// Bytes of a file.
func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

/// The error that something throws.
func fault(_ body: () throws -> Void) -> CheckpointError? {
  do {
    try body()
    return nil
  } catch {
    return error as? CheckpointError
  }
}
