// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotFile
import IngotTensor

/// What a verification found, in the file that it is about: `Formats/ingot.md`, section 10.
public struct Certificate: Sendable, Hashable, Codable {
  /// What the model was compared with.
  public struct Reference: Sendable, Hashable, Codable {
    /// The file's name, without its folder.
    public var name: String
    /// `checkpoint`, `golden bundle` or `ingot`.
    public var kind: String
    /// How its tensors are stored, for example `torch-zip`.
    public var container: String
    /// SHA-256 of the whole file, 64 hexadecimal digits.
    public var sha256: String
    /// Its size in bytes.
    public var size: Int
    /// Of an `.ingot` file, the SHA-256 of the file that it was made of, as its provenance says.
    public var origin: String?

    /// Makes a record.
    public init(name: String, kind: String, container: String, sha256: String, size: Int, origin: String? = nil) {
      self.origin = origin
      self.name = name
      self.kind = kind
      self.container = container
      self.sha256 = sha256
      self.size = size
    }
  }

  /// The inputs.
  public struct ProbeRecord: Sendable, Hashable, Codable {
    /// `synthetic`: made again from the seeds; otherwise in the evidence.
    public var kind: Probes.Kind
    /// Seeds of images and texts, for synthetic ones.
    public var seeds: [UInt64]
    /// How many images.
    public var images: Int
    /// How many texts.
    public var texts: Int
    /// Tokens of each text.
    public var textLength: Int
    /// SHA-256 of pixels and tokens: `Probes.digest`.
    public var sha256: String
  }

  /// The output of one block over all probes.
  public struct Block: Sendable, Hashable, Codable {
    /// `vision.hidden.3`.
    public var name: String
    /// SHA-256 of its float32 numbers.
    public var sha256: String
  }

  /// One array in the evidence.
  public struct Part: Sendable, Hashable, Codable {
    /// `reference.logits_per_image`.
    public var name: String
    /// `F32` or `I32`.
    public var type: String
    /// Its extents.
    public var shape: [Int]
    /// Where it begins in the evidence.
    public var offset: Int
    /// SHA-256 of its bytes.
    public var sha256: String
  }

  /// The version that is written.
  public static let currentVersion = 1

  /// Of this layout: 1.
  public var version: Int
  /// The version of Ingot.
  public var tool: String
  /// The digest of the model that was verified.
  public var model: String
  /// What it was compared with.
  public var reference: Reference
  /// What both were run on.
  public var probes: ProbeRecord
  /// In which numbers activations entered products with int8 weights.
  public var activations: String
  /// Every block, in the order of computation.
  public var blocks: [Block]
  /// What lies in the evidence.
  public var evidence: [Part]
  /// Figures and tolerances.
  public var report: FidelityReport
}

extension Certificate {
  /// The record as JSON with sorted keys.
  public func json() throws -> [UInt8] { try SectionJSON.encode(self) }

  /// Reads what `json()` writes.
  ///
  /// - Parameter json: UTF-8 text.
  /// - Throws: `malformed` when it is not such JSON, `unsupported` for another version.
  public init(json: [UInt8]) throws(CheckpointError) {
    self = try SectionJSON.decode(json, format: .ingot, subject: "section CERT")
    guard version == Self.currentVersion else {
      throw CheckpointError(
        .unsupported, .ingot, subject: "section CERT",
        "the certificate is of version \(version), this reader knows \(Self.currentVersion)")
    }
  }
}

extension IngotFile {
  /// The certificate, its digest checked; `nil` when the file has none.
  ///
  /// - Throws: `corrupt`, `malformed` or `unsupported`, naming the section.
  public func certificate() throws(CheckpointError) -> Certificate? {
    guard let json = try verifiedSection(.certificate) else { return nil }
    return try Certificate(json: json)
  }
}
