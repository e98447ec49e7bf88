// SPDX-License-Identifier: Apache-2.0

/// What is known about a tokenizer beside its files.
///
/// Files often do not say by whose rules they are meant: the same list of merges serves OpenAI's, open_clip's and Hugging Face's
/// tokenizers. What is left `nil` is taken from the files beside the vocabulary, and from nowhere else.
public struct TokenizerHints: Sendable, Hashable {
  /// Whose rules are followed.
  public enum Library: String, Sendable, CaseIterable {
    /// OpenAI's `clip`.
    case openAI = "openai"
    /// `open_clip`, with `cleaning`.
    case openCLIP = "open-clip"
    /// `transformers` 5, which for CLIP, BERT and Gemma is what `tokenizers` does.
    case transformers = "transformers"
    /// The CLIP tokenizer of `transformers` 4 that is written in Python, where ftfy is installed.
    case slowTransformers = "transformers-slow"
    /// The same where ftfy is not installed.
    case slowTransformersWithoutFtfy = "transformers-slow-without-ftfy"
    /// `cn_clip`.
    case chineseCLIP = "cn-clip"
  }

  /// The functions of open_clip that clean a text (`clean` in its configuration).
  public enum Cleaning: String, Sendable, CaseIterable {
    /// Repair, unescape, single spaces, lower case.
    case lower
    /// Repair, unescape, single spaces.
    case whitespace
    /// Repair, unescape, no punctuation, lower case, single spaces.
    case canonicalize
  }

  /// Whose rules are followed.
  public var library: Library?
  /// `model_type` of the model's `config.json`, for example `siglip`.
  public var modelType: String?
  /// `tokenizer_class` of `tokenizer_config.json`, for example `SiglipTokenizer`.
  public var tokenizerClass: String?
  /// How open_clip cleans.
  public var cleaning: Cleaning?
  /// Whether open_clip makes the separator zero (`strip_sep_token`).
  public var stripsSeparator: Bool?

  /// Says what is known; all of it may be left out.
  public init(
    library: Library? = nil, modelType: String? = nil, tokenizerClass: String? = nil, cleaning: Cleaning? = nil,
    stripsSeparator: Bool? = nil
  ) {
    self.library = library
    self.modelType = modelType
    self.tokenizerClass = tokenizerClass
    self.cleaning = cleaning
    self.stripsSeparator = stripsSeparator
  }
}
