// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes

/// JSON as sections hold it: keys sorted, so that the same value gives the same bytes.
public enum SectionJSON {
  /// Encodes a value.
  ///
  /// - Parameter value: without NaN and infinity.
  /// - Returns: UTF-8 text.
  /// - Throws: `EncodingError` for a number that JSON does not have.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
  }

  /// Decodes what `encode` writes.
  ///
  /// - Parameters:
  ///   - json: UTF-8 text.
  ///   - format: named in errors.
  ///   - subject: the section's name, for errors.
  /// - Returns: the value.
  /// - Throws: `malformed` when it is not such JSON.
  public static func decode<Value: Decodable>(
    _ json: [UInt8], format: FormatKind, subject: String
  ) throws(CheckpointError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(json))
    } catch {
      throw CheckpointError(.malformed, format, subject: subject, "\(error)")
    }
  }
}
