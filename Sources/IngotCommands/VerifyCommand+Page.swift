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
  func evidence(_ loaded: LoadedModel, _ file: IngotFile, _ against: String) throws -> FidelityEvidence {
    var evidence = FidelityEvidence(tool: Converter.toolVersion)
    evidence.provenance = loaded.provenance
    evidence.fileSize = loaded.source.file.bytes.byteCount
    evidence.rootDigest = file.rootDigest.description
    let other = try reading(against) { try Source(path: against) }
    var inputs = ProbeInputs.bundle(for: loaded.configuration)
    let expected: Matrix<Float>?
    if case .safetensors(let bundle) = other.content, GoldenBundle.isBundle(bundle) {
      inputs = try reading(against) { try GoldenBundle(bundle) }
      expected = inputs.logits
    } else {
      let reference = try LoadedModel.open(against, like: loaded, stateDict: stateDict).encoder(
        Float.self, activations: computing.activations)
      expected = try ModelOutputs(running: reference, on: inputs, computing.compute).logits
    }
    guard let expected,
      let found = try ModelOutputs(
        running: loaded.encoder(Float.self, activations: computing.activations), on: inputs, computing.compute
      ).logits
    else { return evidence }
    evidence.add(
      found: found, expected: expected, inputs: inputs, preprocessing: loaded.configuration.preprocessing)
    return evidence
  }
}
