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

  /// The error ledger against what the model was made of.
  ///
  /// - Parameters:
  ///   - loaded: the model.
  ///   - path: a checkpoint or another `.ingot` file.
  /// - Returns: the ledger, on built-in inputs.
  /// - Throws: what opening the other throws, `mismatch` when the two do not have the same towers.
  func ledger(_ loaded: LoadedModel, _ path: String) throws -> ErrorLedger {
    let source = try LoadedModel.open(path, like: loaded, stateDict: stateDict)
    return try reading(model) {
      try Explainer(
        loaded.compared(activations: computing.activations),
        source: source.compared(activations: computing.activations), inputs: nil, computing.compute,
        progress: Console.progress
      ).ledger()
    }
  }
}
