// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotCLIP
import IngotDatasets

/// Everything that the numbers of a table of features depend on: two tables of one key are the same bits.
public struct FeatureKey: Sendable, Hashable, Codable {
  /// SHA-256 of the model: the root digest of an `.ingot` file, else of the checkpoint's files; `nil` for features of another program.
  public var model: String?
  /// In which numbers activations meet int8 weights.
  public var activations: String?
  /// How pictures become pixel values.
  public var preprocessing: PreprocessingConfiguration?
  /// Where features are taken.
  public var layer: FeatureLayer?
  /// Whether rows have unit length.
  public var isNormalized: Bool
  /// The dataset's name.
  public var dataset: String
  /// Which part of it.
  public var split: String
  /// SHA-256 of the samples (`FeatureKey.digest(of:)`).
  public var samples: String
  /// How many samples there are, those of all shards.
  public var count: Int
  /// How many classes.
  public var classes: Int
  /// Whether a sample may show several classes.
  public var isMultiLabel: Bool

  /// Makes a key.
  public init(
    model: String?, activations: String?, preprocessing: PreprocessingConfiguration?, layer: FeatureLayer?,
    isNormalized: Bool, dataset: String, split: String, samples: String, count: Int, classes: Int, isMultiLabel: Bool
  ) {
    self.model = model
    self.activations = activations
    self.preprocessing = preprocessing
    self.layer = layer
    self.isNormalized = isNormalized
    self.dataset = dataset
    self.split = split
    self.samples = samples
    self.count = count
    self.classes = classes
    self.isMultiLabel = isMultiLabel
  }

  /// Pictures whose bytes enter the digest of samples.
  static let lookedAt = 64

  /// SHA-256 of the names and labels of all samples, and of the bytes of 64 pictures spread over them.
  ///
  /// To read all pictures would take as long as to decode them. A picture that cannot be read enters as nothing: extracting says so.
  ///
  /// - Parameter source: the samples.
  /// - Returns: lower-case hexadecimal digits.
  public static func digest(of source: any SampleSource) -> String {
    var stream = SHA256Stream()
    func add(_ text: String) { Array(text.utf8).withRawSpan { stream.update($0) } }
    for index in 0..<source.count { add("\(source.name(at: index))\0\(source.label(at: index).text)\n") }
    let pictures = min(lookedAt, source.count)
    for step in 0..<pictures {
      switch try? source.image(at: step * source.count / pictures) {
      case .file(let path):
        if let file = try? MappedFile(path: path) { stream.update(file.bytes) }
      case .encoded(let bytes): try? bytes.withBytes { stream.update($0) }
      case .pixels(let picture): picture.pixels.withRawSpan { stream.update($0) }
      case nil: break
      }
    }
    return stream.finalize().description
  }

  /// How this differs from another key, one line for each part.
  func differences(from other: FeatureKey) -> [String] {
    var lines: [String] = []
    func compare<T: Equatable>(_ name: String, _ mine: T, _ theirs: T) {
      if mine != theirs { lines.append("\(name) is \(mine), expected \(theirs)") }
    }
    compare("dataset", dataset, other.dataset)
    compare("split", split, other.split)
    compare("model", model ?? "unknown", other.model ?? "unknown")
    compare("activations", activations ?? "unknown", other.activations ?? "unknown")
    compare("layer", layer?.rawValue ?? "unknown", other.layer?.rawValue ?? "unknown")
    compare("normalised", isNormalized, other.isNormalized)
    compare("samples", samples, other.samples)
    compare("count", count, other.count)
    compare("classes", classes, other.classes)
    compare("several classes", isMultiLabel, other.isMultiLabel)
    if preprocessing != other.preprocessing {
      lines.append(
        "preprocessing is \(preprocessing?.summary ?? "unknown"), expected \(other.preprocessing?.summary ?? "unknown")"
      )
    }
    return lines
  }
}

extension SampleLabel {
  /// The label as it enters the digest of samples.
  fileprivate var text: String {
    switch self {
    case .one(let index): "\(index)"
    case .several(let present, let ignored): "\(present)\(ignored)"
    }
  }
}
