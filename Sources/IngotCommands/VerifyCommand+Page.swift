// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotConversion
import IngotFidelity
import IngotFile

extension VerifyCommand {
  /// What the page shows besides the report: where the model came from.
  func evidence(_ loaded: LoadedModel, _ file: IngotFile) -> FidelityEvidence {
    var evidence = FidelityEvidence(tool: Converter.toolVersion)
    evidence.provenance = loaded.provenance
    evidence.fileSize = loaded.source.file.size
    evidence.rootDigest = file.rootDigest.description
    return evidence
  }
}
