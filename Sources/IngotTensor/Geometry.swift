// SPDX-License-Identifier: Apache-2.0

/// The sizes of one attention.
public struct Attention: Sendable, Hashable {
  /// Heads, side by side in the columns.
  public let heads: Int
  /// Columns of one head.
  public let headWidth: Int
  /// Queries of sequence s are rows `queryStarts[s] ..< queryStarts[s + 1]`.
  public let queryStarts: [Int]
  /// Keys and values of sequence s begin at row `keyStarts[s]`.
  public let keyStarts: [Int]
  /// How many keys and values of each sequence are seen, at least 1.
  public let visible: [Int]
  /// The largest of `visible`.
  public let mostKeys: Int
  /// Whether query t sees keys 0…t only.
  public let isCausal: Bool
  /// First column of the queries in their matrix.
  public var queryColumn = 0
  /// First column of the keys in their matrix.
  public var keyColumn = 0
  /// First column of the values in their matrix.
  public var valueColumn = 0

  /// How many sequences lie one after the other.
  public var sequences: Int { visible.count }
  /// Columns of all heads.
  public var width: Int { heads * headWidth }

  private init(
    heads: Int, width: Int, queryStarts: [Int], keyStarts: [Int], visible: [Int], isCausal: Bool, packed: Bool
  ) {
    precondition(heads > 0 && width % heads == 0, "heads divide the width")
    precondition(visible.allSatisfy { $0 >= 1 }, "something is seen")
    self.heads = heads
    headWidth = width / heads
    self.queryStarts = queryStarts
    self.keyStarts = keyStarts
    self.visible = visible
    mostKeys = visible.max() ?? 0
    self.isCausal = isCausal
    keyColumn = packed ? width : 0
    valueColumn = packed ? 2 * width : 0
  }

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
    packed(lengths: [Int](repeating: tokens, count: sequences), width: width, heads: heads, isCausal: isCausal)
  }

  /// Self-attention over one matrix whose columns are queries, keys and values, of sequences of any lengths.
  ///
  /// - Parameters:
  ///   - lengths: tokens of each sequence, at least 1.
  ///   - visible: how many of them are seen, the first ones; all by default.
  ///   - width: columns of the queries; a multiple of `heads`.
  ///   - heads: how many heads.
  ///   - isCausal: whether token t sees tokens 0…t only.
  /// - Returns: the sizes.
  public static func packed(
    lengths: [Int], visible: [Int]? = nil, width: Int, heads: Int, isCausal: Bool
  ) -> Attention {
    let visible = visible ?? lengths
    precondition(visible.count == lengths.count && zip(visible, lengths).allSatisfy { $0 <= $1 }, "tokens are seen")
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    return Attention(
      heads: heads, width: width, queryStarts: starts, keyStarts: Array(starts.dropLast()), visible: visible,
      isCausal: isCausal, packed: true)
  }

  /// Attention of one query a sequence over keys and values in matrices of their own.
  ///
  /// - Parameters:
  ///   - lengths: keys of each sequence, one after the other.
  ///   - visible: how many of them are seen, the first ones; all by default.
  ///   - width: columns; a multiple of `heads`.
  ///   - heads: how many heads.
  /// - Returns: the sizes.
  public static func pooling(lengths: [Int], visible: [Int]? = nil, width: Int, heads: Int) -> Attention {
    let visible = visible ?? lengths
    precondition(visible.count == lengths.count && zip(visible, lengths).allSatisfy { $0 <= $1 }, "tokens are seen")
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    return Attention(
      heads: heads, width: width, queryStarts: Array(0...lengths.count), keyStarts: Array(starts.dropLast()),
      visible: visible, isCausal: false, packed: false)
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
