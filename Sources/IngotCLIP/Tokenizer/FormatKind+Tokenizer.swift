// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension FormatKind {
  /// Vocabularies of the byte-pair tokenizer, in any of their forms, and texts that do not fit a model.
  public static let tokenizer = FormatKind(rawValue: "tokenizer")
}
