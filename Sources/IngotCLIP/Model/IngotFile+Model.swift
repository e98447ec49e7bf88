// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFile

extension IngotFile {
  /// The model's configuration.
  ///
  /// - Throws: `missing` when the file has none, `malformed` or `mismatch` when it cannot be used.
  public func configuration() throws(CheckpointError) -> CLIPConfiguration {
    guard let json = section(.architecture) else {
      throw CheckpointError(
        .missing, .ingot, subject: "section \(SectionKind.architecture)", "the file describes no model")
    }
    return try CLIPConfiguration(json: json)
  }

  /// The tokenizer embedded in the file; `nil` where there is none.
  ///
  /// - Throws: what is wrong with the section.
  public func tokenizer() throws -> Tokenizer? {
    try section(.tokenizer).map { section in try section.withRawSpan { try Tokenizer(serialized: $0) } }
  }
}
