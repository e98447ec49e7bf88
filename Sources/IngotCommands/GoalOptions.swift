// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotPlanning

/// What a person asks of a plan.
struct GoalOptions: ParsableArguments {
  @Option(
    name: .long, help: "Choose encodings for the least error in a file of at most so many bytes: 90M, 1.5G, 94371840.")
  var maxSize: String?

  @Option(
    name: .long, help: "Choose the smallest file that leaves the best text of so many percent of the images the same.")
  var minTop1: Double?

  @Option(
    name: .long, help: "Choose the smallest file whose mean KL divergence of the images' softmaxes is at most this.")
  var maxKl: Double?

  @Option(name: .long, help: "Choose the smallest file that keeps the cosine of every embedding at this or more.")
  var minCosine: Double?

  @Option(name: .long, help: "Write the front of plans, error against size, as a picture (SVG).")
  var front: String?

  @Option(
    name: .long,
    help: "Folder that keeps what was measured, so that planning again, or going on, measures no tensor twice.")
  var cache: String?

  /// - Throws: `ValidationError` for several goals, or numbers that cannot be.
  func goal() throws -> PlanningGoal? {
    var goals: [PlanningGoal] = []
    if let maxSize {
      guard let bytes = Self.bytes(maxSize), bytes > 0 else {
        throw ValidationError("--max-size is \(maxSize); expected bytes, as 94371840, 90M or 1.5G")
      }
      goals.append(.maximumSize(bytes))
    }
    if let minTop1 {
      guard minTop1 > 0, minTop1 <= 100 else {
        throw ValidationError("--min-top1 is \(minTop1); it is in percent, up to 100")
      }
      goals.append(.minimumTop1(minTop1 / 100))
    }
    if let maxKl {
      guard maxKl > 0, maxKl.isFinite else { throw ValidationError("--max-kl is \(maxKl); it is more than 0") }
      goals.append(.maximumKL(maxKl))
    }
    if let minCosine {
      guard minCosine > 0, minCosine < 1 else { throw ValidationError("--min-cosine is \(minCosine); it is in 0 to 1") }
      goals.append(.minimumCosine(minCosine))
    }
    guard goals.count <= 1 else { throw ValidationError("name one goal, found \(goals.count)") }
    if goals.isEmpty, cache != nil { throw ValidationError("--cache goes with a goal") }
    if goals.isEmpty, front != nil { throw ValidationError("--front goes with a goal") }
    return goals.first
  }

  /// Bytes from a number with K, M or G for 10³, 10⁶ and 10⁹, or KiB, MiB and GiB for powers of 1024; a small letter will do.
  static func bytes(_ text: String) -> Int? {
    let units: [(String, Double)] = [
      ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("k", 1e3),
      ("m", 1e6), ("g", 1e9), ("", 1),
    ]
    let lower = text.lowercased()
    guard let (unit, factor) = units.first(where: { lower.hasSuffix($0.0) }),
      let number = Double(lower.dropLast(unit.count)), number.isFinite, number >= 0, number * factor < 0x1p62
    else { return nil }
    return Int(number * factor)
  }
}
