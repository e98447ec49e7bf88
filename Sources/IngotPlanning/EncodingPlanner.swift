// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor

/// Chooses each tensor's encoding.
///
/// What storing a tensor otherwise does to the embeddings is measured, tensor by tensor and encoding by encoding. Effects of several tensors
/// add up to first order, so that the sum of the single effects predicts what a plan computes, with what each pair does to each other in it.
public struct EncodingPlanner: Sendable {
  private let task: PlanningTask
  private let start: Sensitivities
  private let trials: PlanTrials
  /// The size of a file with these encodings, exactly.
  private let size: @Sendable ([String: EncodingScheme]) throws -> Int

  /// How many plans of the front are told.
  static let frontLength = 16
  /// How often a choice is made anew when what it rests on has been measured.
  static let mostRounds = 2

  /// Prepares.
  ///
  /// - Parameters:
  ///   - task: the model and the probes.
  ///   - sensitivities: measured for the task.
  ///   - size: says the size of a file with encodings for all tensors that have a choice, exactly.
  /// - Throws: what computing throws.
  public init(
    _ task: PlanningTask, _ sensitivities: Sensitivities,
    size: @escaping @Sendable ([String: EncodingScheme]) throws -> Int
  ) throws {
    self.task = task
    self.size = size
    start = sensitivities
    trials = try PlanTrials(task, sensitivities)
  }

  /// Plans.
  ///
  /// - Parameters:
  ///   - goal: what the plan has to keep to.
  ///   - progress: hears how far it is.
  /// - Returns: the plan, what it computes, and the front that it lies on.
  /// - Throws: `limit` when no plan keeps to the goal.
  public func plan(
    for goal: PlanningGoal, progress: (PlanningProgress) -> Void = { _ in }
  ) throws -> PlanningResult {
    var space = try PlanSpace(task, start)
    let (choice, found): (Choice, PlanTrials.Found) =
      if case .maximumSize(let bytes) = goal {
        try nearest(within: bytes, &space, progress)
      } else {
        try smallest(for: goal, &space, progress)
      }
    let known = space.sensitivities
    let options = known.rows.flatMap(\.options)
    return PlanningResult(
      chosen: try plan(choice, space), measured: found.seen, unseen: found.unseen, front: try front(space),
      uniform: try task.schemes.map { ($0, try plan(space.uniform($0, includingProtected: false), space)) },
      encoded: found.encoded,
      evidence: PlanningEvidence(
        images: known.base.images.rows, texts: known.base.texts.rows, unseenImages: trials.unseen?.images.rows ?? 0,
        unseenTexts: trials.unseen?.texts.rows ?? 0, measuredEffects: known.measured,
        derivedEffects: options.count { !$0.isMeasured },
        derivedDeviation: known.deviations.isEmpty ? nil : known.deviations.sorted()[known.deviations.count / 2]))
  }

  /// One encoding for all weights; what is protected stays as it is.
  public func uniform(_ scheme: EncodingScheme) throws -> EncodingPlan {
    let space = try PlanSpace(task, start)
    return try plan(space.uniform(scheme, includingProtected: false), space)
  }

  /// What the model with a plan computes.
  public func measured(_ encodings: [String: EncodingScheme]) throws -> PlanError {
    try trials.run(encodings).seen
  }

  // MARK: - Choices

  /// Makes a choice, has what it rests on measured, and makes it again, until nothing of it is derived.
  private func settled(
    _ space: inout PlanSpace, _ progress: (PlanningProgress) -> Void, _ choose: (PlanSpace) throws -> Choice
  ) throws -> Choice {
    var choice = try choose(space)
    for round in 1... {
      let derived = space.derived(choice)
      guard !derived.isEmpty else { break }
      var known = space.sensitivities
      try known.measure(derived, progress)
      space = try PlanSpace(task, known)
      // After so many rounds it stays as it is, all of it measured.
      choice = round <= Self.mostRounds ? try choose(space) : Choice(space.interactions, choice.items)
    }
    return choice
  }

  /// The best plan that fits, by prediction; the best uniform encoding that fits where that is nearer on all probes when both are run.
  private func nearest(
    within limit: Int, _ space: inout PlanSpace, _ progress: (PlanningProgress) -> Void
  ) throws -> (Choice, PlanTrials.Found) {
    let planned = try settled(&space, progress) { try self.planned(within: limit, $0) }
    let found = try trial(planned, space, progress)
    guard let first = try uniform(within: limit, space) else { return (planned, found) }
    let other = try trial(first, space, progress)
    let isNearer = [(other.seen, found.seen), (other.unseen ?? other.seen, found.unseen ?? found.seen)].allSatisfy {
      $0.0.logits < $0.1.logits
    }
    guard isNearer else { return (planned, found) }
    return (try settled(&space, progress) { Choice($0.interactions, first.items) }, other)
  }

  private func trial(
    _ choice: Choice, _ space: PlanSpace, _ progress: (PlanningProgress) -> Void
  ) throws -> PlanTrials.Found {
    progress(PlanningProgress(.plans, 0, of: 0, ""))
    return try trials.run(space.encodings(choice))
  }

  private func planned(within limit: Int, _ space: PlanSpace) throws -> Choice {
    let overhead = try size(space.encodings(space.path[0])) - space.path[0].bytes
    // The end of the last payload is not rounded up, and how much that saves depends on the choice: the first try may be too large by it.
    var room = limit - overhead + 63
    while true {
      let choice = try planned(within: room, limit, space)
      let excess = try size(space.encodings(choice)) - limit
      guard excess > 0 else { return choice }
      room -= excess
    }
  }

  private func planned(within room: Int, _ limit: Int, _ space: PlanSpace) throws -> Choice {
    guard let first = space.path.first(where: { $0.bytes <= room }) else {
      let least = try space.path.last.map { try size(space.encodings($0)) } ?? 0
      throw CheckpointError(
        .limit, .planner, "no plan has at most \(limit) bytes: the smallest has \(least)")
    }
    let best = Search.bettered(first, within: room)
    guard let start = try uniform(within: limit, space), start.bytes <= room else { return best }
    let other = Search.bettered(start, within: room)
    return other.error < best.error ? other : best
  }

  /// Of the uniform encodings that fit the one with the least predicted error.
  private func uniform(within limit: Int, _ space: PlanSpace) throws -> Choice? {
    let others = task.schemes.flatMap { scheme in
      [true, false].map { space.uniform(scheme, includingProtected: $0) }
    }
    return try others.filter { try size(space.encodings($0)) <= limit }.min { $0.error < $1.error }
  }

  /// The smallest plan that is predicted to keep to the goal; while it does not, one that is predicted to keep to it by as much more.
  private func smallest(
    for goal: PlanningGoal, _ space: inout PlanSpace, _ progress: (PlanningProgress) -> Void
  ) throws -> (Choice, PlanTrials.Found) {
    var factor = 1.0
    var least = 0
    while true {
      let choice = try settled(&space, progress) { space in
        // Errors grow along the path, but for what pairs do to each other.
        var (low, high) = (0, (space.path.lastIndex { $0.bytes >= least } ?? 0))
        while low < high {
          let middle = (low + high + 1) / 2
          if goal.allows(try space.predicted(space.path[middle]), times: factor) {
            low = middle
          } else {
            high = middle - 1
          }
        }
        return Search.bettered(space.path[low], within: space.path[low].bytes)
      }
      let found = try trial(choice, space, progress)
      if goal.allows(found.seen), found.unseen.map({ goal.allows($0) }) ?? true { return (choice, found) }
      guard let first = space.path.first, let last = space.path.last, choice.bytes < first.bytes else {
        throw CheckpointError(
          .limit, .planner,
          "no plan keeps to \(goal): the model as it is has \(found.seen.top1), \(found.seen.minCosine)")
      }
      let predicted = try space.predicted(choice)
      let quotients = [found.seen, found.unseen].compactMap { $0.flatMap { goal.quotient($0, predicted) } }
      factor = max(factor * 1.02, 1.02 * (quotients.max() ?? 1))
      least = choice.bytes + (quotients.isEmpty ? max(1, (first.bytes - last.bytes) / 16) : 1)
    }
  }

  /// Plans evenly spread over the sizes of the path.
  private func front(_ space: PlanSpace) throws -> [EncodingPlan] {
    guard let first = space.path.first, let last = space.path.last else { return [] }
    var plans: [EncodingPlan] = []
    for step in 0..<Self.frontLength {
      let bytes = first.bytes - (first.bytes - last.bytes) * step / (Self.frontLength - 1)
      guard let choice = space.path.first(where: { $0.bytes <= bytes }) else { continue }
      let plan = try self.plan(choice, space)
      if plan.size != plans.last?.size { plans.append(plan) }
    }
    // What another plan is both smaller and nearer than does not belong to it.
    return plans.enumerated().filter { index, plan in
      !plans[(index + 1)...].contains { $0.predicted.logits <= plan.predicted.logits }
    }.map(\.element)
  }

  private func plan(_ choice: Choice, _ space: PlanSpace) throws -> EncodingPlan {
    let encodings = space.encodings(choice)
    return EncodingPlan(encodings: encodings, size: try size(encodings), predicted: try space.predicted(choice))
  }
}

extension FormatKind {
  /// Goals that cannot be reached.
  static let planner = FormatKind(rawValue: "planner")
}
