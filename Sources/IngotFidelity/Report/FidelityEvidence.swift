// SPDX-License-Identifier: Apache-2.0

public import IngotFile
public import IngotPlot

/// What a page shows besides a `FidelityReport`; each part may be missing.
public struct FidelityEvidence: Sendable {
  /// Where the tensors came from and what was done to them.
  public var provenance: Provenance?
  /// The model's file in bytes.
  public var fileSize: Int?
  /// The root digest of the model's file.
  public var rootDigest: String?
  /// Parts that others add: the ledger, the planner's front.
  public var sections: [HTMLPage.Section] = []
  /// What made the page, with its version.
  public var tool: String

  /// Makes a collection without parts.
  ///
  /// - Parameter tool: what makes the page, with its version.
  public init(tool: String) { self.tool = tool }
}
