// SPDX-License-Identifier: Apache-2.0

/// What a section of an `.ingot` file is for: four ASCII characters.
///
/// `Formats/ingot.md`, section 3, is the written truth.
public struct SectionKind: RawRepresentable, Hashable, Sendable {
  /// The four characters, the first one in the lowest byte.
  public let rawValue: UInt32

  /// Makes a kind from its four characters, the first one in the lowest byte.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Makes a kind from four printable ASCII characters; `nil` for anything else.
  public init?(_ characters: String) {
    guard characters.utf8.count == 4 else { return nil }
    self.init(rawValue: characters.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    guard isPrintable else { return nil }
  }

  private init(code: StaticString) {
    self.init(rawValue: code.description.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// `ARCH`: every constant that inference needs, as JSON.
  public static let architecture = SectionKind(code: "ARCH")
  /// `TOKN`: the tokenizer.
  public static let tokenizer = SectionKind(code: "TOKN")
  /// `PROV`: where each tensor came from, as JSON.
  public static let provenance = SectionKind(code: "PROV")
  /// `CERT`: the fidelity certificate, as JSON.
  public static let certificate = SectionKind(code: "CERT")
  /// `EVID`: numbers that the certificate refers to.
  public static let evidence = SectionKind(code: "EVID")
  /// `BLKS`: a digest for each 4 KiB of the file.
  public static let blockDigests = SectionKind(code: "BLKS")

  /// Whether the section says how the model was checked, and not what it is: `Formats/ingot.md`, section 10.
  public var isAboutChecks: Bool { [.certificate, .evidence, .blockDigests].contains(self) }

  /// Whether version 1 of the format demands that a reader understands the kind.
  var isDefined: Bool {
    [Self.architecture, .tokenizer, .provenance, .certificate].contains(self)
  }

  /// Whether all four characters are printable ASCII, as the format demands.
  var isPrintable: Bool {
    bytes.allSatisfy { (0x20..<0x7F).contains($0) }
  }

  private var bytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> ($0 * 8)) }
  }
}

extension SectionKind: Comparable {
  /// Bytewise order, which is the order of sections in a file.
  public static func < (left: SectionKind, right: SectionKind) -> Bool {
    left.rawValue.byteSwapped < right.rawValue.byteSwapped
  }
}

extension SectionKind: CustomStringConvertible {
  /// The four characters, or the bytes in hexadecimal when they are not printable.
  public var description: String {
    isPrintable
      ? String(decoding: bytes, as: UTF8.self)
      : "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
