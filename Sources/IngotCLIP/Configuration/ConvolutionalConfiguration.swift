// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A convolutional image tower: a stem, stages of residual blocks, an average over all places, a head.
///
/// The first block of every stage but the first halves the sides of the feature map.
public struct ConvolutionalConfiguration: Sendable, Hashable, Codable {
  /// What a block computes and adds to its input.
  public enum Block: String, Sendable, Hashable, Codable {
    /// Convolutions of 1, 3 and 1, each normalised after it; the sum is activated.
    case bottleneck
    /// The same with norm and activation before each convolution; the sum is left alone.
    case preactivation = "preactivation-bottleneck"
    /// A depthwise convolution, a norm, an MLP, a scale of each channel.
    case convNext = "conv-next"
  }

  /// How feature maps are normalised.
  public enum Normalization: String, Sendable, Hashable, Codable {
    /// By the statistics that the checkpoint holds.
    case batchNorm = "batch-norm"
    /// By those of 32 groups of channels over the whole map, as they come.
    case groupNorm = "group-norm"
    /// By those of all channels at each place.
    case layerNorm = "layer-norm"
  }

  /// Which convolution of a bottleneck takes every second place.
  public enum StridePlacement: String, Sendable, Hashable, Codable {
    /// The first, of 1: the first published ResNet, and Keras'.
    case first
    /// The second, of 3: torchvision's.
    case second
  }

  /// Where the last norm is.
  public enum FinalNorm: String, Sendable, Hashable, Codable {
    /// There is none.
    case none
    /// At every place, with the activation, before the average is taken.
    case beforePooling = "before-pooling"
    /// After it.
    case afterPooling = "after-pooling"
  }

  /// What comes before the stages: one convolution, its norm, and a pooling that takes the largest of 3 × 3 at every second place.
  public struct Stem: Sendable, Hashable, Codable {
    /// Channels.
    public var width: Int
    /// Side of the convolution's window.
    public var kernel: Int
    /// Pixels from one window to the next.
    public var stride: Int
    /// Zero pixels around the image.
    public var padding: Int
    /// Whether the convolution is normalised, and in a bottleneck's tower activated.
    public var hasNorm: Bool
    /// What the pooling finds outside the map; `nil` without pooling.
    public var poolingBorder: PoolingBorder?

    /// Makes a stem.
    public init(
      width: Int, kernel: Int, stride: Int, padding: Int, hasNorm: Bool = true, poolingBorder: PoolingBorder? = nil
    ) {
      self.width = width
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
      self.hasNorm = hasNorm
      self.poolingBorder = poolingBorder
    }
  }

  /// Blocks that work at one resolution.
  public struct Stage: Sendable, Hashable, Codable {
    /// How many.
    public var blocks: Int
    /// Channels of their outputs.
    public var width: Int
    /// Channels between the first and the last product of each.
    public var innerWidth: Int

    /// Makes a stage.
    public init(blocks: Int, width: Int, innerWidth: Int) {
      self.blocks = blocks
      self.width = width
      self.innerWidth = innerWidth
    }
  }

  /// An MLP in place of the projection: a product with bias, GELU, a product.
  public struct HeadMLP: Sendable, Hashable, Codable {
    /// Width between the products.
    public var width: Int
    /// Whether the second product has a bias.
    public var hasOutputBias: Bool

    /// Makes a description.
    public init(width: Int, hasOutputBias: Bool) {
      self.width = width
      self.hasOutputBias = hasOutputBias
    }
  }

  /// Side of the square image, in pixels; no tensor depends on it.
  public var imageSize: Int
  /// What comes before the stages.
  public var stem: Stem
  /// The stages.
  public var stages: [Stage]
  /// What each block computes.
  public var block: Block
  /// How feature maps are normalised.
  public var normalization: Normalization
  /// Added to variances.
  public var normEpsilon: Double
  /// The activation of blocks.
  public var activation: Activation
  /// Which convolution of a bottleneck takes every second place.
  public var stridePlacement: StridePlacement
  /// Whether convolutions have biases.
  public var hasConvolutionBias: Bool
  /// Where convolution weights are brought to zero mean and unit variance for each output: what is added to that variance.
  public var weightStandardizationEpsilon: Double?
  /// Side of a depthwise convolution's window; 0 without one.
  public var depthwiseKernel: Int
  /// Whether each channel of a ConvNeXt block has a scale.
  public var hasLayerScale: Bool
  /// Where the last norm is.
  public var finalNorm: FinalNorm
  /// What takes the averages to the shared space, where it is one product or none.
  public var projection: ProjectionKind
  /// The MLP that does it, where there is one.
  public var headMLP: HeadMLP?

  /// Makes a configuration.
  public init(
    imageSize: Int, stem: Stem, stages: [Stage], block: Block, normalization: Normalization, normEpsilon: Double,
    activation: Activation = .relu, stridePlacement: StridePlacement = .second, hasConvolutionBias: Bool = false,
    weightStandardizationEpsilon: Double? = nil, depthwiseKernel: Int = 0, hasLayerScale: Bool = false,
    finalNorm: FinalNorm = .none, projection: ProjectionKind = .none, headMLP: HeadMLP? = nil
  ) {
    self.imageSize = imageSize
    self.stem = stem
    self.stages = stages
    self.block = block
    self.normalization = normalization
    self.normEpsilon = normEpsilon
    self.activation = activation
    self.stridePlacement = stridePlacement
    self.hasConvolutionBias = hasConvolutionBias
    self.weightStandardizationEpsilon = weightStandardizationEpsilon
    self.depthwiseKernel = depthwiseKernel
    self.hasLayerScale = hasLayerScale
    self.finalNorm = finalNorm
    self.projection = projection
    self.headMLP = headMLP
  }

  /// Groups of a group norm.
  public static let groups = 32
  /// The largest image side that is allowed: nothing in a checkpoint bounds it.
  public static let largestImage = 2048

  /// Channels of the last feature map.
  public var featureWidth: Int { stages.last?.width ?? stem.width }
}
