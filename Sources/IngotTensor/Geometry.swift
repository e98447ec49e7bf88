// SPDX-License-Identifier: Apache-2.0

/// The sizes of one attention.
public struct Attention: Sendable, Hashable {
  /// How many sequences lie one after the other.
  public var sequences: Int
  /// Heads, side by side in the columns.
  public var heads: Int
  /// Columns of one head.
  public var headWidth: Int
  /// Queries of each sequence.
  public var queries: Int
  /// Keys and values of each sequence; of a single sequence, the first ones of its matrix.
  public var keys: Int
  /// Whether query t sees keys 0…t only.
  public var isCausal: Bool
  /// First column of the queries in their matrix.
  public var queryColumn = 0
  /// First column of the keys in their matrix.
  public var keyColumn = 0
  /// First column of the values in their matrix.
  public var valueColumn = 0

  /// Self-attention over one matrix whose columns are queries, keys and values.
  ///
  /// - Parameters:
  ///   - sequences: how many sequences.
  ///   - tokens: tokens of each.
  ///   - width: columns of the queries; a multiple of `heads`.
  ///   - heads: how many heads.
  ///   - isCausal: whether token t sees tokens 0…t only.
  /// - Returns: the sizes.
  public static func packed(sequences: Int, tokens: Int, width: Int, heads: Int, isCausal: Bool) -> Attention {
    precondition(heads > 0 && width % heads == 0, "heads divide the width")
    return Attention(
      sequences: sequences, heads: heads, headWidth: width / heads, queries: tokens, keys: tokens, isCausal: isCausal,
      queryColumn: 0, keyColumn: width, valueColumn: 2 * width)
  }

  /// Attention of one query a sequence over keys and values in matrices of their own.
  ///
  /// - Parameters:
  ///   - sequences: how many sequences.
  ///   - keys: keys of each.
  ///   - width: columns; a multiple of `heads`.
  ///   - heads: how many heads.
  /// - Returns: the sizes.
  public static func pooling(sequences: Int, keys: Int, width: Int, heads: Int) -> Attention {
    precondition(heads > 0 && width % heads == 0, "heads divide the width")
    return Attention(
      sequences: sequences, heads: heads, headWidth: width / heads, queries: 1, keys: keys, isCausal: false)
  }
}

/// The square windows that a convolution or a patch embedding sees in an image with channels last.
public struct Windows: Sendable, Hashable {
  /// Rows of the image.
  public let height: Int
  /// Columns of the image.
  public let width: Int
  /// Numbers of each pixel.
  public let channels: Int
  /// Side of a window.
  public let kernel: Int
  /// Pixels from one window to the next.
  public let stride: Int
  /// Zero pixels around the image.
  public let padding: Int

  /// Describes the windows of a convolution.
  ///
  /// - Parameters:
  ///   - height: rows of the image.
  ///   - width: columns of the image.
  ///   - channels: numbers of each pixel.
  ///   - kernel: side of a window.
  ///   - stride: pixels from one window to the next.
  ///   - padding: zero pixels around the image.
  public init(height: Int, width: Int, channels: Int, kernel: Int, stride: Int, padding: Int) {
    precondition(
      kernel > 0 && stride > 0 && padding >= 0 && height + 2 * padding >= kernel && width + 2 * padding >= kernel)
    self.height = height
    self.width = width
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  /// Rows of the result.
  public var outputHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  /// Columns of the result.
  public var outputWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  /// How many windows there are.
  public var count: Int { outputHeight * outputWidth }
}
