// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes
import IngotQuantization
import IngotTensor

/// Measured effects in a folder: one JSON file for each tensor, named by the digest of all that they depend on.
struct SensitivityCache {
  /// What is known of one tensor.
  struct Document: Codable, Equatable {
    fileprivate var tensor = ""
    fileprivate var digest = ""
    fileprivate var context = ""
    /// By encoding: bfloat16, little-endian, as base64.
    private var effects: [String: String] = [:]
    /// By encoding: relative errors of weights, as text; infinite where the values do not fit the type.
    private var errors: [String: String] = [:]

    /// The effect of an encoding; `nil` where it is not known, or not of that many numbers.
    func effect(of scheme: EncodingScheme, count: Int) -> [Float]? {
      guard let text = effects[scheme.rawValue], let bytes = Data(base64Encoded: text) else { return nil }
      let values: [Float] = [UInt8](bytes).withRawSpan { widen($0, of: .bfloat16) }
      return values.count == count && values.allSatisfy(\.isFinite) ? values : nil
    }

    /// The relative error of an encoding, if it is known.
    func error(of scheme: EncodingScheme) -> Double? {
      errors[scheme.rawValue].flatMap { Double($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    mutating func keep(effect: [Float], of scheme: EncodingScheme) {
      effects[scheme.rawValue] = Data(narrow(effect, to: .bfloat16)).base64EncodedString()
    }

    mutating func keep(error: Double, of scheme: EncodingScheme) { errors[scheme.rawValue] = "\(error)" }
  }

  private let folder: String
  private let context: String

  init(folder: String, context: String) throws(FileError) {
    self.folder = folder
    self.context = context
    try FileStatus.makeFolder(folder)
  }

  private func path(_ tensor: String, _ digest: SHA256Digest) -> String {
    let key = Array("\(context)\n\(tensor)\n\(digest)".utf8).withRawSpan { SHA256Digest(of: $0).description }
    return "\(folder)/\(key.prefix(32)).json"
  }

  /// What was measured before; `nil` where there is no such file, or it is damaged.
  func document(of tensor: String, _ digest: SHA256Digest) -> Document? {
    guard let file = try? MappedFile(path: path(tensor, digest)),
      let document = try? JSONDecoder().decode(Document.self, from: Data(file.bytes.copied())),
      document.tensor == tensor, document.digest == digest.description, document.context == context
    else { return nil }
    return document
  }

  /// Writes what was measured of a tensor.
  func keep(_ document: Document, of tensor: String, _ digest: SHA256Digest) throws {
    var document = document
    (document.tensor, document.digest, document.context) = (tensor, digest.description, context)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let output = try AtomicFile(path: path(tensor, digest), existing: .replace)
    try [UInt8](encoder.encode(document)).withRawSpan { try output.append($0) }
    try output.commit()
  }
}
