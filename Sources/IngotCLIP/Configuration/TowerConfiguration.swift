// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A stack of pre-norm transformer blocks.
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

  /// Makes a configuration.
  public init(width: Int, layers: Int, heads: Int, mlpWidth: Int, activation: Activation, normEpsilon: Double) {
    self.width = width
    self.layers = layers
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.activation = activation
    self.normEpsilon = normEpsilon
  }
}

/// The text tower: token and position embeddings, causal blocks, a norm, a projection of one token.
public struct TextConfiguration: Sendable, Hashable, Codable {
  /// Which token's output stands for the text.
  public enum Pooling: String, Sendable, Hashable, Codable {
    /// The first token with the largest id, which is the end-of-text token.
    case largestToken = "largest-token"
  }

  /// Size of the vocabulary.
  public var vocabularySize: Int
  /// Tokens of the longest text, start and end included.
  public var contextLength: Int
  /// The blocks.
  public var transformer: TransformerConfiguration
  /// Which token's output stands for the text.
  public var pooling: Pooling

  /// Makes a configuration.
  public init(vocabularySize: Int, contextLength: Int, transformer: TransformerConfiguration, pooling: Pooling) {
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.transformer = transformer
    self.pooling = pooling
  }
}

/// The image tower.
public enum VisionConfiguration: Sendable, Hashable {
  /// A vision transformer.
  case transformer(VisionTransformerConfiguration)
  /// OpenAI's modified ResNet.
  case residualNetwork(ResidualNetworkConfiguration)

  /// Side of the square image the tower sees, in pixels.
  public var imageSize: Int {
    switch self {
    case .transformer(let vision): vision.patchSize * vision.grid
    case .residualNetwork(let vision): ResidualNetworkConfiguration.reduction * vision.grid
    }
  }
}

/// A vision transformer: square patches, a class token, a norm before and after the blocks.
public struct VisionTransformerConfiguration: Sendable, Hashable, Codable {
  /// Side of a patch, in pixels.
  public var patchSize: Int
  /// Patches along one side of the image.
  public var grid: Int
  /// The blocks.
  public var transformer: TransformerConfiguration

  /// Makes a configuration.
  public init(patchSize: Int, grid: Int, transformer: TransformerConfiguration) {
    self.patchSize = patchSize
    self.grid = grid
    self.transformer = transformer
  }

  /// Tokens of one image: the class token and the patches.
  public var tokens: Int { grid * grid + 1 }
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
  }

  /// Reads `{"transformer": …}` or `{"residual-network": …}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let vision = try container.decodeIfPresent(VisionTransformerConfiguration.self, forKey: .transformer) {
      self = .transformer(vision)
    } else {
      self = .residualNetwork(try container.decode(ResidualNetworkConfiguration.self, forKey: .residualNetwork))
    }
  }

  /// Writes `{"transformer": …}` or `{"residual-network": …}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .transformer(let vision): try container.encode(vision, forKey: .transformer)
    case .residualNetwork(let vision): try container.encode(vision, forKey: .residualNetwork)
    }
  }
}
