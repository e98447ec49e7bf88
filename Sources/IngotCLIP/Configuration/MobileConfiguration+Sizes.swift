// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension MobileConfiguration {
  /// Side of the feature map after a stage: each stride of 2 rounds up.
  func side(afterStage stage: Int) -> Int {
    (0..<stage + 2).reduce(imageSize) { side, _ in (side + 1) / 2 }
  }

  /// Whether a condition of `Formats/mappings/canonical.md` holds.
  func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    switch condition {
    case .mobileFolded: form == .folded
    case .mobileBranches: form == .branches
    case .mobileStemScale: form == .branches && hasStemScale
    case .mobileStatistics: !hasLayerNorm
    case .mobileProjectionBias: projection == .linear
    default: true
    }
  }

  /// The value of a symbol of `Formats/mappings/canonical.md`; `nil` for one that such a tower does not have.
  func value(of symbol: Character, at indices: [Character: Int]) -> Int? {
    let index = indices["s"] ?? 0
    let stage = stages[index]
    let next = stages[min(index + 1, stages.count - 1)]
    return switch symbol {
    case "B": stemWidth
    case "Z": stages.count
    case "D": stages.count - 1
    case "S": stage.mixer == .convolution ? stage.blocks : 0
    case "L": stage.mixer == .attention ? stage.blocks : 0
    case "P": stage.hasPosition ? 1 : 0
    case "Q": next.excitationWidth > 0 ? 1 : 0
    case "A": next.excitationWidth
    case "O": stage.width
    case "U": next.width
    case "M": stage.innerWidth
    case "H": finalWidth
    case "W": finalExcitationWidth
    default: nil
    }
  }

  /// Checks that every number is in the range that the kernels rely on.
  ///
  /// - Throws: `mismatch`, naming the constant, the value found and the range.
  func validate() throws(CheckpointError) {
    func require(_ condition: Bool, _ name: String, _ detail: String) throws(CheckpointError) {
      guard condition else { throw CheckpointError(.mismatch, .clip, subject: "vision.\(name)", detail) }
    }
    func requireRange(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(CheckpointError) {
      try require(
        range.contains(value), name, "found \(value), allowed are \(range.lowerBound) to \(range.upperBound)")
    }
    let widths = 1...(1 << 24)
    try requireRange(imageSize, 1...ConvolutionalConfiguration.largestImage, "imageSize")
    try requireRange(stemWidth, widths, "stemWidth")
    try requireRange(stages.count, 1...16, "stages")
    try requireRange(headWidth, 1...(1 << 16), "headWidth")
    for (index, stage) in stages.enumerated() {
      try requireRange(stage.blocks, 1...4096, "stages.blocks")
      try requireRange(stage.width, widths, "stages.width")
      try requireRange(stage.innerWidth, widths, "stages.innerWidth")
      try requireRange(stage.excitationWidth, 0...(index == 0 ? 0 : 1 << 24), "stages.excitationWidth")
      let before = index == 0 ? stage.width : stages[index - 1].width
      try require(
        stage.width % before == 0, "stages.width", "found \(stage.width), not a multiple of the \(before) before it")
      try require(
        stage.mixer != .attention || stage.width % headWidth == 0, "headWidth",
        "found \(headWidth), which does not divide \(stage.width)")
    }
    try require(
      stages.first?.width == stemWidth, "stemWidth", "found \(stemWidth), the first stage has \(stages[0].width)")
    try requireRange(finalWidth, widths, "finalWidth")
    try requireRange(finalExcitationWidth, widths, "finalExcitationWidth")
    let last = stages[stages.count - 1].width
    try require(finalWidth % last == 0, "finalWidth", "found \(finalWidth), not a multiple of \(last)")
    try require(normEpsilon > 0 && normEpsilon < 1, "normEpsilon", "found \(normEpsilon), allowed is 0 to 1")
    try require(projection != .none, "projection", "found none, expected one")
  }
}
