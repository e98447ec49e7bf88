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
  private let sensitivities: Sensitivities
  private let interactions: Interactions
  private let path: [Choice]
  /// The size of a file with these encodings, exactly.
  private let size: @Sendable ([String: EncodingScheme]) throws -> Int

  /// How many plans of the front are told.
  static let frontLength = 16

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
    self.sensitivities = sensitivities
    self.size = size
    interactions = try Interactions(sensitivities, task.compute)
    path = Search.descent(interactions)
  }

  /// Plans.
  ///
  /// - Parameter goal: what the plan has to keep to.
  /// - Returns: the plan, what it computes, and the front that it lies on.
  /// - Throws: `limit` when no plan keeps to the goal.
  public func plan(for goal: PlanningGoal) throws -> PlanningResult {
    let choice: Choice
    let measured: PlanError
    if case .maximumSize(let bytes) = goal {
      (choice, measured) = try nearest(within: bytes)
    } else {
      (choice, measured) = try smallest(for: goal)
    }
    return PlanningResult(
      chosen: try plan(choice), measured: measured, front: try front(),
      uniform: try task.schemes.map { ($0, try plan(uniform($0, includingProtected: false))) })
  }

  /// One encoding for all weights; what is protected stays as it is.
  public func uniform(_ scheme: EncodingScheme) throws -> EncodingPlan {
    try plan(uniform(scheme, includingProtected: false))
  }

  /// What the model with a plan computes.
  public func measured(_ encodings: [String: EncodingScheme]) throws -> PlanError {
    var replacements: [OverlaidCheckpoint.Replacement] = []
    for row in sensitivities.rows {
      guard let scheme = encodings[row.tensor.name], let option = row.options.first(where: { $0.scheme == scheme }),
        let replacement = try task.encoded(row.tensor, as: option.target)
      else { continue }
      replacements.append(replacement)
    }
    return try PlanError(
      task.outputs(replacements, towers: Set(Tower.allCases)), sensitivities.base, task.compute)
  }

  // MARK: - Choices

  /// Of the best plan that fits and the best uniform encoding that fits, by prediction, the one that is nearer when it is run.
  private func nearest(within limit: Int) throws -> (Choice, PlanError) {
    let overhead = try size(encodings(path[0])) - path[0].bytes
    // The end of the last payload is not rounded up, and how much that saves depends on the choice: the first try may be too large by it.
    var room = limit - overhead + 63
    var found: (planned: Choice, uniform: Choice?) = try choice(within: room, limit)
    while true {
      let excess = try size(encodings(found.planned)) - limit
      guard excess > 0 else { break }
      room -= excess
      found = try choice(within: room, limit)
    }
    let measured = try self.measured(encodings(found.planned))
    guard let uniform = found.uniform else { return (found.planned, measured) }
    let other = try self.measured(encodings(uniform))
    return other.logits < measured.logits ? (uniform, other) : (found.planned, measured)
  }

  private func choice(within room: Int, _ limit: Int) throws -> (planned: Choice, uniform: Choice?) {
    guard let first = path.first(where: { $0.bytes <= room }) else {
      let least = try path.last.map { try size(encodings($0)) } ?? 0
      throw CheckpointError(
        .limit, .planner, "no plan has at most \(limit) bytes: the smallest has \(least)")
    }
    var best = Search.bettered(first, within: room)
    let others = task.schemes.flatMap { scheme in [true, false].map { uniform(scheme, includingProtected: $0) } }
    let fitting = try others.filter { try $0.bytes <= room && size(encodings($0)) <= limit }
    guard let start = fitting.min(by: { $0.error < $1.error }) else { return (best, nil) }
    let other = Search.bettered(start, within: room)
    if other.error < best.error { best = other }
    return (best, start)
  }

  private func smallest(for goal: PlanningGoal) throws -> (Choice, PlanError) {
    // Errors grow along the path, but for what pairs do to each other.
    var (low, high) = (0, path.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if goal.allows(try predicted(path[middle])) { low = middle } else { high = middle - 1 }
    }
    var index = low
    while true {
      let choice = Search.bettered(path[index], within: path[index].bytes)
      let measured = try self.measured(encodings(choice))
      if goal.allows(measured) { return (choice, measured) }
      guard index > 0 else {
        throw CheckpointError(
          .limit, .planner, "no plan keeps to \(goal): the model as it is has \(measured.top1), \(measured.minCosine)")
      }
      index = max(0, index - max(1, index / 16))
    }
  }

  private func uniform(_ scheme: EncodingScheme, includingProtected: Bool) -> Choice {
    var choice = Choice(interactions)
    for (index, row) in sensitivities.rows.enumerated() {
      guard let use = task.uses[row.tensor.name],
        let target = scheme.target(of: row.tensor, for: use, includingProtected: includingProtected),
        let option = row.options.firstIndex(where: { $0.target == target })
      else { continue }
      choice.set(index, to: interactions.firstItem[index] + option)
    }
    return choice
  }

  /// Plans evenly spread over the sizes of the path.
  private func front() throws -> [EncodingPlan] {
    guard let last = path.last else { return [] }
    var plans: [EncodingPlan] = []
    for step in 0..<Self.frontLength {
      let bytes = path[0].bytes - (path[0].bytes - last.bytes) * step / (Self.frontLength - 1)
      guard let choice = path.first(where: { $0.bytes <= bytes }) else { continue }
      let plan = try self.plan(choice)
      if plan.size != plans.last?.size { plans.append(plan) }
    }
    // What another plan is both smaller and nearer than does not belong to it.
    return plans.enumerated().filter { index, plan in
      !plans[(index + 1)...].contains { $0.predicted.logits <= plan.predicted.logits }
    }.map(\.element)
  }

  private func plan(_ choice: Choice) throws -> EncodingPlan {
    let encodings = self.encodings(choice)
    return EncodingPlan(encodings: encodings, size: try size(encodings), predicted: try predicted(choice))
  }

  private func encodings(_ choice: Choice) -> [String: EncodingScheme] {
    var encodings: [String: EncodingScheme] = [:]
    for (row, item) in zip(sensitivities.rows, choice.items) {
      encodings[row.tensor.name] = item.map { row.options[interactions.items[$0].option].scheme } ?? .source
    }
    return encodings
  }

  /// What the sum of the single effects makes of the outputs.
  private func predicted(_ choice: Choice) throws -> PlanError {
    var outputs = sensitivities.base
    for (row, item) in zip(sensitivities.rows, choice.items) {
      guard let item else { continue }
      let effect = row.options[interactions.items[item].option].effect
      var moved = outputs[row.tower]
      let change = Matrix(values: effect, rows: moved.rows, columns: moved.columns)
      task.compute.add(change, to: &moved)
      outputs[row.tower] = moved
    }
    for tower in Tower.allCases {
      var unit = outputs[tower]
      task.compute.l2Normalize(&unit)
      outputs[tower] = unit
    }
    return try PlanError(outputs, sensitivities.base, task.compute)
  }
}

extension FormatKind {
  /// Goals that cannot be reached.
  static let planner = FormatKind(rawValue: "planner")
}
