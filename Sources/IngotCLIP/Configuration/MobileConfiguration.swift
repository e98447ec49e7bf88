// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// MobileCLIP's convolutional image tower, timm's FastViT: blocks whose branches are added, or folded into one convolution.
///
/// Every stage but the first begins with a convolution that halves the sides of the feature map.
public struct MobileConfiguration: Sendable, Hashable, Codable {
  /// How a block mixes places.
  public enum Mixer: String, Sendable, Hashable, Codable {
    /// By a depthwise convolution.
    case convolution
    /// By attention among all places.
    case attention
  }

  /// In which form the checkpoint holds what is one convolution at inference.
  public enum Form: String, Sendable, Hashable, Codable {
    /// As trained: convolutions and batch norms whose results are added.
    case branches
    /// As one convolution with a bias.
    case folded
  }

  /// Blocks that work at one resolution.
  public struct Stage: Sendable, Hashable, Codable {
    /// How many.
    public var blocks: Int
    /// Channels.
    public var width: Int
    /// Width between the two products of the MLP.
    public var innerWidth: Int
    /// How its blocks mix places.
    public var mixer: Mixer
    /// Whether a convolution that tells places apart comes before the blocks.
    public var hasPosition: Bool
    /// Width of the excitation on the way into the stage; 0 without one.
    public var excitationWidth: Int

    /// Makes a stage.
    public init(
      blocks: Int, width: Int, innerWidth: Int, mixer: Mixer, hasPosition: Bool, excitationWidth: Int
    ) {
      self.blocks = blocks
      self.width = width
      self.innerWidth = innerWidth
      self.mixer = mixer
      self.hasPosition = hasPosition
      self.excitationWidth = excitationWidth
    }
  }

  /// Side of the square image, in pixels; no tensor depends on it.
  public var imageSize: Int
  /// Channels of the stem.
  public var stemWidth: Int
  /// The stages.
  public var stages: [Stage]
  /// In which form the checkpoint holds convolutions.
  public var form: Form
  /// Whether the stem's first two convolutions have a branch of 1 × 1.
  public var hasStemScale: Bool
  /// Whether attention's inputs are normed over channels, not by statistics of the checkpoint.
  public var hasLayerNorm: Bool
  /// Added to variances.
  public var normEpsilon: Double
  /// Width of one attention head.
  public var headWidth: Int
  /// The activation of blocks.
  public var activation: Activation
  /// Channels of the last convolution.
  public var finalWidth: Int
  /// Width of its excitation.
  public var finalExcitationWidth: Int
  /// What takes the averages to the shared space.
  public var projection: ProjectionKind

  /// Makes a configuration.
  public init(
    imageSize: Int, stemWidth: Int, stages: [Stage], form: Form, hasStemScale: Bool, hasLayerNorm: Bool,
    normEpsilon: Double, headWidth: Int, activation: Activation, finalWidth: Int, finalExcitationWidth: Int,
    projection: ProjectionKind
  ) {
    self.imageSize = imageSize
    self.stemWidth = stemWidth
    self.stages = stages
    self.form = form
    self.hasStemScale = hasStemScale
    self.hasLayerNorm = hasLayerNorm
    self.normEpsilon = normEpsilon
    self.headWidth = headWidth
    self.activation = activation
    self.finalWidth = finalWidth
    self.finalExcitationWidth = finalExcitationWidth
    self.projection = projection
  }

  /// Sides of kernels: of the stem, of mixing and of the last convolution; of those between stages, of positions and of the MLP.
  static let (smallKernel, largeKernel) = (3, 7)
}
