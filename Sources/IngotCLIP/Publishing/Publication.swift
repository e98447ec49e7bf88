// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// How a model is written so that a library loads it: the names of its tensors, the files beside them.
public struct Publication: Sendable {
  /// A file beside the weights.
  public struct File: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// What it says.
    public let content: JSONValue
  }

  /// Whose names they are.
  public let naming: Naming
  /// The class or module that loads it.
  public let loader: String
  /// The weights' name in a folder.
  public let weightsName: String
  /// What is said of the weights in their own file.
  public let metadata: [String: String]
  /// The files beside the weights.
  public let files: [File]
  /// Whole numbers that are written beside the weights, unless the model carries them itself; by canonical name.
  public let numbers: [String: Int64]
  /// What the library does otherwise in cases that the model was not made for.
  public let notes: [String]
  let mapping: KeyMapping

  init(
    naming: Naming, loader: String, weightsName: String = "model.safetensors", metadata: [String: String] = [:],
    files: [File] = [], numbers: [String: Int64] = [:], notes: [String] = [], mapping: KeyMapping
  ) {
    self.naming = naming
    self.loader = loader
    self.weightsName = weightsName
    self.metadata = metadata
    self.files = files
    self.numbers = numbers
    self.notes = notes
    self.mapping = mapping
  }

  /// Finds how to write a model for a library.
  ///
  /// - Parameters:
  ///   - configuration: of the model.
  ///   - naming: the library.
  ///   - types: of the model's values, as they will be written.
  /// - Throws: `unsupported` where the library's code cannot be this model, naming each constant that stands against it.
  public init(_ configuration: CLIPConfiguration, as naming: Naming, types: Set<ElementType>) throws(CheckpointError) {
    switch naming {
    case .openAI: self = try .openAI(configuration)
    case .openCLIP: self = try .openCLIP(configuration)
    case .huggingFace: self = try .huggingFace(configuration, types: types)
    }
  }

  /// The names that a canonical tensor is written under, in order.
  ///
  /// - Parameter entry: of the model's configuration.
  /// - Returns: `nil` when the library has no name for it.
  public func parts(of entry: CanonicalSchema.Entry) -> [TensorRestorer.Part]? {
    let rows = mapping.rows.filter { $0.canonical == entry.pattern }
    guard !rows.isEmpty else { return nil }
    return KeyMapping.alternatives(rows, entry.indices).first?.map {
      TensorRestorer.Part(name: $0.key, transform: $0.transform, shares: $0.shares)
    }
  }

  /// What there is to say where a text tower looks for a token and the library takes the largest one, or the other way round.
  static func noteOnEndToken(_ text: TextConfiguration) -> [String] {
    guard text.pooling == .endToken, let endToken = text.endToken else { return [] }
    return ["a text without the token \(endToken) is pooled at its largest token, not at its first"]
  }
}

extension TextConfiguration {
  /// Whether the token that pooling looks for is the largest of all: then it is found by its size too.
  var endsWithLargestToken: Bool { pooling == .endToken && endToken == vocabularySize - 1 }
}

extension KeyMapping {
  /// The same scheme without some of its names.
  ///
  /// - Parameter isLeft: whether a name, as the table writes it, is left out.
  /// - Returns: the other rows.
  func without(_ isLeft: (_ source: String) -> Bool) -> KeyMapping {
    KeyMapping(rows: rows.filter { !isLeft($0.source.text) })
  }
}

extension JSONValue {
  /// A whole number.
  static func whole(_ value: Int) -> JSONValue { .number(Double(value)) }

  /// An object of the values that are there.
  static func present(_ values: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(Dictionary(values.compactMap { name, value in value.map { (name, $0) } }) { _, last in last })
  }
}
