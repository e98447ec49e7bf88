// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP

extension Source {
  /// The tokenizer that lies beside the weights, where publishers put it.
  ///
  /// - Parameter configuration: the model's.
  /// - Returns: `nil` for a model without text tower, and where there is no vocabulary in the folder.
  /// - Throws: `undetermined` when nothing says whose rules the vocabulary is meant by, `mismatch` for a vocabulary of more entries than the
  ///   model embeds, and what is wrong with the files.
  public func tokenizer(for configuration: CLIPConfiguration) throws -> Tokenizer? {
    guard let text = configuration.text else { return nil }
    let folder = FilePath.folder(of: file.path)
    guard Tokenizer.isPublished(in: folder) else { return nil }
    let tokenizer = try Tokenizer(contentsOf: folder, hints: Self.hints(for: configuration))
    try text.check(tokenizer)
    return tokenizer
  }

  /// Whose rules a family's own code follows, where files say nothing.
  private static func hints(for configuration: CLIPConfiguration) -> TokenizerHints {
    switch configuration.family {
    case "chinese-clip": TokenizerHints(library: .chineseCLIP)
    default: TokenizerHints()
    }
  }
}

extension TextConfiguration {
  /// Checks that every id of a tokenizer has a row in the table of embeddings.
  ///
  /// - Parameter tokenizer: to be embedded beside the model.
  /// - Throws: `mismatch` with both numbers. CLIP's own tower finds the end of a text by its id, the largest: there, the numbers must be equal.
  public func check(_ tokenizer: Tokenizer) throws(CheckpointError) {
    let fits =
      pooling == .largestToken
      ? tokenizer.vocabularySize == vocabularySize : tokenizer.vocabularySize <= vocabularySize
    guard fits else {
      throw CheckpointError(
        .mismatch, .clip, subject: "tokenizer",
        "the vocabulary has \(tokenizer.vocabularySize) entries, the model embeds \(vocabularySize)")
    }
  }
}
