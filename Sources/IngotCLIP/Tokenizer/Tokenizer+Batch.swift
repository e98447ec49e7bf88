// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

extension Tokenizer {
  /// Texts that one thread takes at a time.
  private static let blockSize = 4096

  /// Rows of the model's input, one for each text.
  ///
  /// - Parameters:
  ///   - texts: any texts.
  ///   - contextLength: how many tokens the model takes.
  ///   - overflow: what to do with texts that are too long; when nobody says, what the original library does.
  ///   - compute: how many threads share the work; the rows do not depend on it.
  /// - Returns: as many rows of exactly `contextLength` ids.
  /// - Throws: `limit` for the first text that is too long and may not be truncated, with its number.
  public func rows(
    for texts: [String], contextLength: Int, overflow: Overflow? = nil, _ compute: Compute = Compute(threads: 1)
  ) throws -> [[Int32]] {
    let size = max(1, min(Self.blockSize, (texts.count + compute.threads - 1) / compute.threads))
    let blocks = try compute.map((texts.count + size - 1) / size) { block in
      var session = TokenizerSession(self, .manyTexts)
      var rows: [[Int32]] = []
      rows.reserveCapacity(size)
      for index in block * size..<min(texts.count, (block + 1) * size) {
        rows.append(try Self.row(index, of: texts, contextLength, overflow, &session))
      }
      return rows
    }
    return blocks.count == 1 ? blocks[0] : Array(blocks.joined())
  }

  private static func row(
    _ index: Int, of texts: [String], _ contextLength: Int, _ overflow: Overflow?, _ session: inout TokenizerSession
  ) throws(CheckpointError) -> [Int32] {
    do {
      return try session.row(for: texts[index], contextLength, overflow)
    } catch {
      guard texts.count > 1 else { throw error }
      let place = "text \(index + 1) of \(texts.count): "
      throw CheckpointError(error.code, error.format, place + error.detail)
    }
  }
}
