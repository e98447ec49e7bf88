// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotCLIP

/// The images and texts that two models are compared on.
public struct Probes: Sendable {
  /// Where they come from.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Made by `ProbeInputs`, and made again by whoever checks.
    case synthetic
    /// From a golden bundle.
    case bundle = "golden bundle"
    /// A person's own pictures and sentences.
    case files
  }

  /// Where they come from.
  public let kind: Kind
  /// Pixels and tokens.
  public let inputs: GoldenBundle

  /// Puts probes together.
  ///
  /// - Parameters:
  ///   - kind: where they come from.
  ///   - inputs: pixels and tokens.
  public init(_ kind: Kind, _ inputs: GoldenBundle) {
    self.kind = kind
    self.inputs = inputs
  }

  /// SHA-256 of what the models see: `Formats/ingot.md`, section 10.
  public var digest: SHA256Digest {
    var stream = SHA256Stream()
    Array("Ingot probes, version 1\n".utf8).withRawSpan { stream.update($0) }
    for count in [inputs.imageCount, inputs.pixels.count, inputs.texts.count, inputs.texts.first?.count ?? 0] {
      [UInt64(count).littleEndian].withRawSpan { stream.update($0) }
    }
    inputs.pixels.withRawSpan { stream.update($0) }
    for text in inputs.texts { text.withRawSpan { stream.update($0) } }
    return stream.finalize()
  }
}
