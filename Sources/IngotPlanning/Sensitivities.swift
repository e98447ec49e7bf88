// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor

/// What storing each tensor otherwise, and that one alone, does to the embeddings of the probes.
///
/// Of a small model everything is measured. Of a large one two encodings of each tensor are; the effect of another is that of the nearer one
/// of these, times the quotient of the errors of the stored weights, until a planner has it measured.
public struct Sensitivities: Sendable {
  /// One way to store a tensor.
  struct Option: Sendable {
    let scheme: EncodingScheme
    let target: TensorDescriptor
    /// Of the stored weights: Euclidean length of the error over that of the weights.
    let relativeError: Double
    /// The change of its tower's embeddings, `[probes, width]`; as bfloat16 holds it where it was measured.
    fileprivate(set) var effect: [Float] = []
    /// Whether the effect was measured.
    fileprivate(set) var isMeasured = false
  }

  /// One tensor.
  struct Row: Sendable {
    let tensor: TensorDescriptor
    let tower: Tower
    fileprivate let digest: SHA256Digest
    fileprivate(set) var options: [Option]
  }

  private(set) var rows: [Row] = []
  let base: ProbeOutputs
  /// How often a tower was run with one tensor stored otherwise, now or before.
  public private(set) var measured = 0
  /// How many times the measured effect some that were derived first were off by, less one.
  private(set) var deviations: [Double] = []

  private let task: PlanningTask
  private let store: SensitivityCache?
  private let encoder: CLIPEncoder<Float>
  /// Seconds that each tower takes; for telling how long it will take.
  private let seconds: [Tower: Double]

  /// Measures, or takes what was measured before.
  ///
  /// - Parameters:
  ///   - task: the model and the probes.
  ///   - cache: a folder that keeps what was measured, tensor by tensor; `nil` for none.
  ///   - progress: hears how far it is.
  /// - Throws: what running the model throws, and `FileError`.
  public init(
    _ task: PlanningTask, cache: String?, progress: (PlanningProgress) -> Void = { _ in }
  ) throws {
    self.task = task
    store = try cache.map { try SensitivityCache(folder: $0, context: task.context) }
    let encoder = try task.encoder([]).fitted(to: task.probes.texts)
    self.encoder = encoder
    let clock = ContinuousClock()
    var seconds: [Tower: Double] = [:]
    for tower in Tower.allCases {
      // The first run packs the weights.
      _ = try ProbeOutputs(encoder, task.probes.first, towers: [tower], task.compute)
      let time = try clock.measure { _ = try ProbeOutputs(encoder, task.probes, towers: [tower], task.compute) }
      seconds[tower] = time / .seconds(1)
    }
    self.seconds = seconds
    base = try ProbeOutputs(encoder, task.probes, task.compute)
    let candidates = task.candidates().filter { base[$0.tower].rows > 0 }
    for (index, candidate) in candidates.enumerated() {
      progress(PlanningProgress(.errors, Double(index), of: Double(candidates.count), candidate.tensor.name))
      let digest = try task.file.storedDigest(of: candidate.tensor) ?? task.file.digest(of: candidate.tensor)
      let errors = try self.errors(candidate.tensor, candidate.targets, digest)
      let options = candidate.targets.compactMap { scheme, target in
        errors[scheme].map { Option(scheme: scheme, target: target, relativeError: $0) }
      }
      guard !options.isEmpty else { continue }
      rows.append(Row(tensor: candidate.tensor, tower: candidate.tower, digest: digest, options: options))
    }
    try measure(rows.indices.flatMap { row in probed(row).map { (row: row, option: $0) } }, progress)
  }

  /// The errors of stored weights; none for encodings whose type does not hold the values.
  private func errors(
    _ tensor: TensorDescriptor, _ targets: [(EncodingScheme, TensorDescriptor)], _ digest: SHA256Digest
  ) throws -> [EncodingScheme: Double] {
    var document = store?.document(of: tensor.name, digest) ?? SensitivityCache.Document()
    let before = document
    var errors: [EncodingScheme: Double] = [:]
    for (scheme, target) in targets {
      // Infinite stands for values that do not fit.
      let error = try document.error(of: scheme) ?? task.error(tensor, as: target) ?? .infinity
      document.keep(error: error, of: scheme)
      if error.isFinite { errors[scheme] = error }
    }
    task.file.release(tensor)
    if document != before { try store?.keep(document, of: tensor.name, digest) }
    return errors
  }

  /// Which options are measured first.
  private func probed(_ row: Int) -> [Int] {
    let options = rows[row].options
    if task.measuresAll || options.count <= 2 { return Array(options.indices) }
    // By error: of all that are usual, int6 in groups of 64 and int4 in groups of 64.
    let sorted = options.indices.sorted { (options[$0].relativeError, $0) < (options[$1].relativeError, $1) }
    return [sorted[sorted.count * 3 / 5], sorted[sorted.count - 2]].sorted()
  }

  /// Measures the effects of some options, and derives those that are still not measured anew.
  ///
  /// - Parameters:
  ///   - wanted: which, by row and option.
  ///   - progress: hears how far it is.
  /// - Throws: what running the model throws, and `FileError`.
  mutating func measure(
    _ wanted: [(row: Int, option: Int)], _ progress: (PlanningProgress) -> Void
  ) throws {
    let wanted = wanted.filter { !rows[$0.row].options[$0.option].isMeasured }
    for tower in Tower.allCases {
      // In the order of computation: the state before a block is kept for all that is changed in it or later.
      let here = wanted.filter { rows[$0.row].tower == tower }.map { want in
        let name = rows[want.row].tensor.name
        return (
          row: want.row, option: want.option, block: encoder.block(ofTensor: name, of: tower) ?? -1,
          step: encoder.step(ofTensor: name, of: tower)
        )
      }.sorted { ($0.block, $0.step, $0.row, $0.option) < ($1.block, $1.step, $1.row, $1.option) }
      try measure(here.map { ($0.row, $0.option, $0.block) }, tower, progress)
    }
    derive()
  }

  private mutating func measure(
    _ wanted: [(row: Int, option: Int, block: Int)], _ tower: Tower, _ progress: (PlanningProgress) -> Void
  ) throws {
    guard !wanted.isEmpty else { return }
    let blocks = max(1, encoder.blockCount(of: tower))
    func cost(_ block: Int) -> Double { seconds[tower, default: 1] * Double(blocks - max(0, block)) / Double(blocks) }
    var known: [Int: SensitivityCache.Document] = [:]
    var total = 0.0
    let count = base[tower].values.count
    for want in wanted {
      let row = rows[want.row]
      let document =
        known[want.row] ?? store?.document(of: row.tensor.name, row.digest) ?? SensitivityCache.Document()
      known[want.row] = document
      if document.effect(of: row.options[want.option].scheme, count: count) == nil { total += cost(want.block) }
    }
    var done = 0.0
    var state: TowerState<Float>?
    let names = Set(wanted.map { rows[$0.row].tensor.name })
    let lone = task.rounding.map { LoneRounding(encoder, tower, of: names, on: $0, task.compute) }
    for want in wanted {
      let row = rows[want.row]
      let option = row.options[want.option]
      if let effect = known[want.row]?.effect(of: option.scheme, count: count) {
        set(want.row, want.option, effect)
        continue
      }
      progress(PlanningProgress(.effects, done, of: total, row.tensor.name))
      guard let replacement = try task.encoded(row.tensor, as: option.target, lone) else {
        preconditionFailure("values that do not fit have no option")
      }
      let changed = try task.encoder([replacement]).fitted(to: task.probes.texts)
      let reached: TowerState<Float>
      if want.block < 0 {
        reached = try task.state(changed, tower)
      } else {
        var before = try state ?? task.state(encoder, tower)
        try encoder.advance(&before, to: want.block, task.compute)
        state = before
        reached = before
      }
      let found = try changed.embeddings(from: reached, task.compute)
      let changes = zip(found.values, base[tower].values).map { $0 - $1 }
      let stored: [Float] = narrow(changes, to: .bfloat16).withRawSpan { widen($0, of: .bfloat16) }
      set(want.row, want.option, stored)
      known[want.row]?.keep(effect: stored, of: option.scheme)
      if let document = known[want.row] { try store?.keep(document, of: row.tensor.name, row.digest) }
      done += cost(want.block)
    }
    progress(PlanningProgress(.effects, total, of: total, ""))
  }

  private mutating func set(_ row: Int, _ option: Int, _ effect: [Float]) {
    let before = rows[row].options[option]
    if !before.effect.isEmpty {
      let (was, now) = (rootMeanSquare(before.effect.map(Double.init)), rootMeanSquare(effect.map(Double.init)))
      if now > 0 { deviations.append(abs(was / now - 1)) }
    }
    rows[row].options[option].effect = effect
    rows[row].options[option].isMeasured = true
    measured += 1
  }

  /// Effects of what is not measured: to first order they grow as the errors of the weights.
  private mutating func derive() {
    for row in rows.indices {
      let options = rows[row].options
      let known = options.filter(\.isMeasured)
      for index in options.indices where !options[index].isMeasured {
        let error = options[index].relativeError
        func distance(_ other: Option) -> Double {
          let (low, high) = (min(error, other.relativeError), max(error, other.relativeError))
          return low > 0 ? high / low : .infinity
        }
        guard let near = known.min(by: { distance($0) < distance($1) }) else { continue }
        let factor = near.relativeError > 0 ? Float(error / near.relativeError) : 1
        rows[row].options[index].effect = near.effect.map { $0 * factor }
      }
    }
  }
}

/// How far measuring is.
public struct PlanningProgress: Sendable {
  /// What is being done.
  public enum Stage: String, Sendable {
    /// Tensors are encoded.
    case errors = "errors of weights"
    /// Towers are run with one tensor stored otherwise.
    case effects = "effects on embeddings"
    /// The whole model is run with a plan.
    case plans = "whole plans"
  }

  /// What is being done.
  public let stage: Stage
  /// How much of it is done, in units of `total`, which are proportional to time.
  public let done: Double
  /// All of it.
  public let total: Double
  /// The tensor that is next.
  public let tensor: String

  init(_ stage: Stage, _ done: Double, of total: Double, _ tensor: String) {
    (self.stage, self.done, self.total, self.tensor) = (stage, done, total, tensor)
  }
}
