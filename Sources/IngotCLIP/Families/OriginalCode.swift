// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What the original code of a family fixes: no checkpoint says it, and none could say otherwise.
struct OriginalCode: Sendable {
  /// The text towers.
  enum Text: Sendable {
    /// CLIP's.
    case clip
    /// BERT without its pooling layer, whose first token is projected.
    case bert
  }

  /// The activation of the image tower's MLPs and of a text tower like CLIP's, where the code has only one.
  var activation: Activation?
  /// The text tower.
  var text = Text.clip
  /// Whether the image tower is a vision transformer of timm.
  var hasTimmTower = false
  /// How images are prepared; OpenAI's way by default.
  var preprocessing: @Sendable (_ imageSize: Int) -> PreprocessingConfiguration = { .openAI(imageSize: $0) }
}

extension TextConfiguration {
  /// BERT as Chinese-CLIP has it: norms after the branches, one type of tokens, padding that no token sees; sizes are to be filled in.
  static let bert = TextConfiguration(
    vocabularySize: 1, contextLength: 1,
    transformer: TransformerConfiguration(
      width: 1, layers: 1, heads: 1, mlpWidth: 1, activation: .gelu, normEpsilon: 1e-12,
      block: BlockConfiguration(norms: .after)),
    pooling: .firstToken, isCausal: false, maskedToken: 0, tokenTypes: 1, hasEmbeddingNorm: true, hasFinalNorm: false)

  /// Tokens that Chinese-CLIP's own code makes of a text (`cn_clip/clip/utils.py`, `tokenize`); its tables have 512 positions.
  static let chineseContextLength = 52

  /// The same tower, taking no more tokens than Chinese-CLIP's code gives it.
  var withChineseContext: TextConfiguration {
    guard contextLength > Self.chineseContextLength else { return self }
    var tower = self
    tower.positionCount = contextLength
    tower.contextLength = Self.chineseContextLength
    return tower
  }
}
