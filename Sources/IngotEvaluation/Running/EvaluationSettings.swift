// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotCLIP
public import IngotDatasets

/// What a person chooses of how tasks are run.
public struct EvaluationSettings: Sendable {
  /// Where a probe's features are taken: before the projection, as the paper does it.
  public var layer = FeatureLayer.preProjection
  /// Whether a probe's features have unit length; the paper's do not.
  public var isNormalized = false
  /// How probes are trained.
  public var probe = ProbeSettings()
  /// How few-shot probes are run; their probes are trained as `probe` says.
  public var fewShot = FewShotSettings()
  /// What becomes of pictures that cannot be read.
  public var unreadable = UnreadablePolicy.stop
  /// Where features are kept; `nil` keeps them in memory.
  public var cache: String?
  /// How many wrong guesses are listed.
  public var worst = 20

  /// Takes the defaults.
  public init() {}
}

/// Features for a purpose.
public enum FeaturePurpose: Sendable, Hashable {
  /// Comparison with texts: projected, of unit length.
  case zeroShot
  /// Training and testing of probes.
  case probe
}
