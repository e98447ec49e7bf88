// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Where a probe's progress is kept, so that a killed run goes on where it was.
public final class ProbeProgress {
  /// The file.
  public let path: String
  private var timer: WritingTimer
  /// Called after the file was written: where tests end a run.
  var afterWriting: () throws -> Void = {}

  /// Names the file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - interval: after what time the state of a search is written again; what is finished is written at once.
  public init(path: String, interval: Duration = .seconds(20)) {
    self.path = path
    timer = WritingTimer(interval)
  }

  /// The state that was stored.
  ///
  /// - Parameter key: what is computed.
  /// - Returns: an empty state when there is no file.
  /// - Throws: `mismatch` when it is of another computation, `corrupt` when it is damaged.
  func read(_ key: String) throws -> ProbeState {
    guard FileStatus.exists(path) else { return ProbeState(key: key) }
    let state = try ProbeState.read(path)
    guard state.key == key else { throw ProgressRecord.other(path, state.key, expected: key) }
    return state
  }

  /// Writes the state, unless it was just written.
  func note(_ state: ProbeState, isImportant: Bool) throws {
    guard isImportant || timer.isDue else { return }
    try state.write(path)
    timer.restart()
    try afterWriting()
  }

  /// Removes the file: the computation is complete.
  public func finish() { FileStatus.remove(path) }
}

/// What is known of a probe so far: strengths that were tried, and the search in progress.
struct ProbeState: Sendable {
  /// SHA-256 of what is computed.
  var key: String
  var trials: [PenaltySweep.Trial] = []
  /// The strength whose search is in progress; -1 for the last training.
  var number: Int?
  var solver: LBFGS?

  init(key: String) { self.key = key }

  /// What stands before the numbers, on one line.
  private struct Header: Codable {
    var format = "ingot-probe-1"
    var key: String
    var trials: [PenaltySweep.Trial]
    var number: Int?
    var iterations: Int?
    var evaluations: Int?
    var parameters: Int?
    var corrections: Int?
    var stop: LBFGS.Stop?
  }

  func write(_ path: String) throws {
    var header = Header(key: key, trials: trials, number: number)
    var numbers: [Double] = []
    if let solver {
      header.iterations = solver.iterations
      header.evaluations = solver.evaluations
      header.parameters = solver.position.count
      header.corrections = solver.steps.count
      header.stop = solver.stop
      numbers = [solver.current.value, solver.scale] + solver.position + solver.current.gradient
      numbers += solver.steps.flatMap { $0 } + solver.changes.flatMap { $0 }
    }
    try ProgressRecord.write(header, numbers, to: path)
  }

  static func read(_ path: String) throws -> ProbeState {
    let (header, numbers) = try ProgressRecord.read(Header.self, from: path)
    guard header.format == Header(key: "", trials: []).format else { throw ProgressRecord.damaged(path) }
    var state = ProbeState(key: header.key)
    state.trials = header.trials
    state.number = header.number
    guard let count = header.parameters, let corrections = header.corrections, let iterations = header.iterations,
      let evaluations = header.evaluations
    else { return state }
    guard count > 0, (0...LBFGS.memory).contains(corrections),
      let total = Int.product([count, 2 + 2 * corrections])?.adding(2), total == numbers.count
    else { throw ProgressRecord.damaged(path) }
    func vector(_ index: Int) -> [Double] { Array(numbers[2 + index * count..<2 + (index + 1) * count]) }
    state.solver = LBFGS(
      position: vector(0), LBFGS.Evaluation(value: numbers[0], gradient: vector(1)), iterations: iterations,
      evaluations: evaluations, steps: (0..<corrections).map { vector(2 + $0) },
      changes: (0..<corrections).map { vector(2 + corrections + $0) }, scale: numbers[1],
      stop: header.stop)
    return state
  }
}
