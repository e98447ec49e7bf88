// SPDX-License-Identifier: Apache-2.0

public import IngotFile
public import IngotPlot

/// What a page shows besides the figures of a `FidelityReport`; each part may be missing.
public struct FidelityEvidence: Sendable {
  /// Every logit of both models.
  public struct Logits: Sendable {
    /// The model's, `[images, texts]`.
    public var found: [Float]
    /// The reference's, `[images, texts]`.
    public var expected: [Float]

    /// Wraps logits.
    ///
    /// - Parameters:
    ///   - found: the model's, `[images, texts]`.
    ///   - expected: the reference's, as many.
    public init(found: [Float], expected: [Float]) {
      precondition(found.count == expected.count, "pairs")
      self.found = found
      self.expected = expected
    }
  }

  /// Where the tensors came from and what was done to them.
  public var provenance: Provenance?
  /// The model's file in bytes.
  public var fileSize: Int?
  /// The root digest of the model's file.
  public var rootDigest: String?
  /// The logits of both models.
  public var logits: Logits?
  /// The inputs that fared worst, the worst first.
  public var worstProbes: [HTMLPage.Probe] = []
  /// Parts that others add: the ledger, the planner's front.
  public var sections: [HTMLPage.Section] = []
  /// What made the page, with its version.
  public var tool: String

  /// Makes a collection without parts.
  ///
  /// - Parameter tool: what makes the page, with its version.
  public init(tool: String) { self.tool = tool }
}
