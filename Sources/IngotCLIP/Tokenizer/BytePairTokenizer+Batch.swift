// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension BytePairTokenizer {
  /// Rows of the model's input, one for each text; none is truncated.
  ///
  /// - Parameters:
  ///   - texts: any texts.
  ///   - contextLength: how many tokens the model takes.
  /// - Returns: as many rows of exactly `contextLength` ids.
  /// - Throws: `limit` for the first text that is too long.
  public func rows(for texts: [String], contextLength: Int) throws(CheckpointError) -> [[Int32]] {
    var rows: [[Int32]] = []
    rows.reserveCapacity(texts.count)
    for text in texts { rows.append(try tokens(for: text, contextLength: contextLength)) }
    return rows
  }
}
