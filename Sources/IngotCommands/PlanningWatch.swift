// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotPlanning

/// Tells how far planning is, and how long it will still take: one line that changes on a terminal, else a line now and then.
final class PlanningWatch {
  private let clock = ContinuousClock()
  private var began: ContinuousClock.Instant
  private var told: ContinuousClock.Instant
  private var stage: PlanningProgress.Stage?

  /// Between two lines, where no person is watching.
  private static let interval = Duration.seconds(15)

  init() {
    began = clock.now
    told = clock.now
  }

  func hear(_ progress: PlanningProgress) {
    let now = clock.now
    if progress.stage != stage || progress.done == 0 { (stage, began) = (progress.stage, now) }
    guard progress.done < progress.total || progress.stage == .plans else {
      Console.endStep()
      return
    }
    let share = progress.total > 0 ? progress.done / progress.total : 0
    var line = "planning: \(progress.stage.rawValue)"
    if progress.total > 0 { line += ", \(Int(100 * share)) %" }
    let passed = (now - began) / .seconds(1)
    if share > 0.02, passed > 1 { line += ", \(Self.text(passed * (1 - share) / share)) left" }
    Console.step(line + (progress.tensor.isEmpty ? "" : "  \(progress.tensor)"))
    if now - told >= Self.interval, !ByteStream.standardError.isTerminal {
      Console.note("ingot: \(line)")
      told = now
    }
  }

  private static func text(_ seconds: Double) -> String {
    seconds < 90 ? "\(Int(seconds.rounded(.up))) s" : "\(Int((seconds / 60).rounded(.up))) min"
  }
}
