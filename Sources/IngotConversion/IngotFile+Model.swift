// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
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

  /// Where the tensors came from.
  ///
  /// - Throws: `missing` when the file does not say, `malformed` when it cannot be read.
  public func provenance() throws(CheckpointError) -> Provenance {
    guard let json = section(.provenance) else {
      throw CheckpointError(
        .missing, .ingot, subject: "section \(SectionKind.provenance)", "the file does not say where it came from")
    }
    return try Provenance(json: json)
  }
}
