// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotTensor

extension VerifyCommand {
  /// What the page shows besides the figures: where the model came from, and its logits beside the reference's.
  ///
  /// The embeddings are computed once more for it: a report without a page need not keep them.
  func evidence(
    _ verification: Verification, _ loaded: LoadedModel, _ file: IngotFile
  ) throws -> FidelityEvidence {
    var evidence = FidelityEvidence(tool: Converter.toolVersion)
    evidence.provenance = loaded.provenance
    evidence.fileSize = loaded.source.file.bytes.byteCount
    evidence.rootDigest = file.rootDigest.description
    if let expected = verification.logits, let found = verification.outputs.logits {
      evidence.add(
        found: found, expected: expected, inputs: verification.probes.inputs,
        preprocessing: loaded.configuration.preprocessing)
    }
    return evidence
  }
}
