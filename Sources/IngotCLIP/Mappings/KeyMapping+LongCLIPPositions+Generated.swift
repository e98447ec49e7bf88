// SPDX-License-Identifier: Apache-2.0
// Made from Formats/mappings/long-clip-positions.md by Tools/make_mappings.py. Do not edit.
// swift-format-ignore-file

extension KeyMapping {
  static let longCLIPPositions = KeyMapping(rows: [
    Row("positional_embedding", "text.position_embedding", .copy, isPart: true, rows: 0..<20),
    Row("positional_embedding_res", "text.position_embedding", .copy, isPart: true, rows: 20..<Int.max),
  ])
}
