// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotQuantization
import IngotTensor

/// All plans there are, and what they are predicted to do, as far as is known by now.
struct PlanSpace {
  let task: PlanningTask
  let sensitivities: Sensitivities
  let interactions: Interactions
  /// From all tensors as they are to the smallest model.
  let path: [Choice]

  init(_ task: PlanningTask, _ sensitivities: Sensitivities) throws {
    self.task = task
    self.sensitivities = sensitivities
    interactions = try Interactions(sensitivities, task.compute)
    path = Search.descent(interactions)
  }

  /// One encoding for all tensors that may have it.
  func uniform(_ scheme: EncodingScheme, includingProtected: Bool) -> Choice {
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

  /// The encoding of each tensor.
  func encodings(_ choice: Choice) -> [String: EncodingScheme] {
    var encodings: [String: EncodingScheme] = [:]
    for (row, item) in zip(sensitivities.rows, choice.items) {
      encodings[row.tensor.name] = item.map { row.options[interactions.items[$0].option].scheme } ?? .source
    }
    return encodings
  }

  /// What of a choice is derived, not measured.
  func derived(_ choice: Choice) -> [(row: Int, option: Int)] {
    choice.items.compactMap { item in
      guard let item else { return nil }
      let place = interactions.items[item]
      return sensitivities.rows[place.row].options[place.option].isMeasured
        ? nil : (row: place.row, option: place.option)
    }
  }

  /// What the sum of the single effects makes of the outputs.
  func predicted(_ choice: Choice) throws -> PlanError {
    var outputs = sensitivities.base
    for (row, item) in zip(sensitivities.rows, choice.items) {
      guard let item else { continue }
      let effect = row.options[interactions.items[item].option].effect
      var moved = outputs[row.tower]
      task.compute.add(Matrix(values: effect, rows: moved.rows, columns: moved.columns), to: &moved)
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
