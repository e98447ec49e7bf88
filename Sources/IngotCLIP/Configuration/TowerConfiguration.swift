// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A stack of transformer blocks.
public struct TransformerConfiguration: Sendable, Hashable, Codable {
  /// Width of the residual stream.
  public var width: Int
  /// How many blocks.
  public var layers: Int
  /// Attention heads of each block; divides `width`.
  public var heads: Int
  /// Width between the two products of the MLP.
  public var mlpWidth: Int
  /// Activation of the MLP.
  public var activation: Activation
  /// Added to the variance in layer norms.
  public var normEpsilon: Double
  /// What a block has beside attention and an MLP.
  public var block: BlockConfiguration

  /// Makes a configuration.
  public init(
    width: Int, layers: Int, heads: Int, mlpWidth: Int, activation: Activation, normEpsilon: Double,
    block: BlockConfiguration = BlockConfiguration()
  ) {
    self.width = width
    self.layers = layers
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.activation = activation
    self.normEpsilon = normEpsilon
    self.block = block
  }
}

/// What takes a tower's output to the shared space.
public enum ProjectionKind: String, Sendable, Hashable, Codable {
  /// Nothing: the tower is as wide as the space.
  case none
  /// A product.
  case matrix
  /// A product and a bias.
  case linear
}

/// The image tower.
public enum VisionConfiguration: Sendable, Hashable {
  /// A vision transformer.
  case transformer(VisionTransformerConfiguration)
  /// OpenAI's modified ResNet.
  case residualNetwork(ResidualNetworkConfiguration)
  /// Any other convolutional tower.
  case convolutional(ConvolutionalConfiguration)
  /// MobileCLIP's.
  case mobile(MobileConfiguration)

  /// Side of the square image the tower sees, in pixels.
  public var imageSize: Int {
    switch self {
    case .transformer(let vision): vision.patchSize * vision.grid + vision.margin
    case .residualNetwork(let vision): ResidualNetworkConfiguration.reduction * vision.grid
    case .convolutional(let vision): vision.imageSize
    case .mobile(let vision): vision.imageSize
    }
  }
}

/// A vision transformer over square patches.
public struct VisionTransformerConfiguration: Sendable, Hashable, Codable {
  /// What of the tokens stands for the image.
  public enum Pooling: String, Sendable, Hashable, Codable {
    /// The class token.
    case classToken = "class-token"
    /// The mean of the patches.
    case average
    /// A learned query that attends to all tokens, and an MLP: SigLIP's head.
    case attention
  }

  /// Whether the last norm sees all tokens or what they were pooled into.
  public enum FinalNorm: String, Sendable, Hashable, Codable {
    /// It sees all tokens.
    case beforePooling = "before-pooling"
    /// It sees the pooled row; for a class token both are the same.
    case afterPooling = "after-pooling"
  }

  /// Side of a patch, in pixels.
  public var patchSize: Int
  /// Patches along one side of the image.
  public var grid: Int
  /// Pixels at the right and at the bottom that no patch covers: SigLIP's SO400M sees 384 pixels in 27 patches of 14.
  public var margin = 0
  /// The blocks.
  public var transformer: TransformerConfiguration
  /// Whether a learned token stands before the patches.
  public var hasClassToken: Bool
  /// Whether the patch embedding has a bias.
  public var hasPatchBias: Bool
  /// Whether tokens are normed before the first block.
  public var hasPreNorm: Bool
  /// What of the tokens stands for the image.
  public var pooling: Pooling
  /// What the last norm sees.
  public var finalNorm: FinalNorm
  /// What follows.
  public var projection: ProjectionKind

  /// Makes a configuration; all but the sizes are OpenAI's by default.
  public init(
    patchSize: Int, grid: Int, transformer: TransformerConfiguration, hasClassToken: Bool = true,
    hasPatchBias: Bool = false, hasPreNorm: Bool = true, pooling: Pooling = .classToken,
    finalNorm: FinalNorm = .afterPooling, projection: ProjectionKind = .matrix
  ) {
    self.patchSize = patchSize
    self.grid = grid
    self.transformer = transformer
    self.hasClassToken = hasClassToken
    self.hasPatchBias = hasPatchBias
    self.hasPreNorm = hasPreNorm
    self.pooling = pooling
    self.finalNorm = finalNorm
    self.projection = projection
  }

  /// Tokens before the patches.
  public var extraTokens: Int { hasClassToken ? 1 : 0 }
  /// Tokens of one image: the class token, if there is one, and the patches.
  public var tokens: Int { grid * grid + extraTokens }
}

/// OpenAI's modified ResNet: three-convolution stem, anti-aliased strides, attention pooling.
public struct ResidualNetworkConfiguration: Sendable, Hashable, Codable {
  /// Whether the checkpoint holds batch norms, or convolutions with biases into which they were folded.
  public enum Normalization: String, Sendable, Hashable, Codable {
    /// Statistics, gain and bias of each batch norm.
    case batchNorm = "batch-norm"
    /// Biases of convolutions.
    case folded
  }

  /// Width of the stem; the last stage has 32 times as many channels.
  public var width: Int
  /// Blocks of each of the four stages.
  public var blocks: [Int]
  /// Side of the last feature map.
  public var grid: Int
  /// Heads of the attention pooling.
  public var heads: Int
  /// Batch norms, or folded biases.
  public var normalization: Normalization
  /// Added to the variance in batch norms.
  public var normEpsilon: Double

  /// Makes a configuration.
  public init(
    width: Int, blocks: [Int], grid: Int, heads: Int, normalization: Normalization, normEpsilon: Double
  ) {
    self.width = width
    self.blocks = blocks
    self.grid = grid
    self.heads = heads
    self.normalization = normalization
    self.normEpsilon = normEpsilon
  }

  /// Image pixels along one side for each pixel of the last feature map.
  public static let reduction = 32
  /// A block's output is this many times as wide as its convolutions.
  public static let expansion = 4
  /// Channels of the last feature map.
  public var featureWidth: Int { width * 32 }
}

extension VisionConfiguration: Codable {
  private enum Key: String, CodingKey {
    case transformer
    case residualNetwork = "residual-network"
    case convolutional
    case mobile
  }

  /// Reads `{"transformer": …}` and so on.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let vision = try container.decodeIfPresent(VisionTransformerConfiguration.self, forKey: .transformer) {
      self = .transformer(vision)
    } else if let vision = try container.decodeIfPresent(ConvolutionalConfiguration.self, forKey: .convolutional) {
      self = .convolutional(vision)
    } else if let vision = try container.decodeIfPresent(MobileConfiguration.self, forKey: .mobile) {
      self = .mobile(vision)
    } else {
      self = .residualNetwork(try container.decode(ResidualNetworkConfiguration.self, forKey: .residualNetwork))
    }
  }

  /// Writes `{"transformer": …}` and so on.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .transformer(let vision): try container.encode(vision, forKey: .transformer)
    case .residualNetwork(let vision): try container.encode(vision, forKey: .residualNetwork)
    case .convolutional(let vision): try container.encode(vision, forKey: .convolutional)
    case .mobile(let vision): try container.encode(vision, forKey: .mobile)
    }
  }
}
