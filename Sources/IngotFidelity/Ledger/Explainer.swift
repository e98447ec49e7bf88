// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
public import IngotTensor

/// Attributes the error of a model to its parts by counterfactual runs: with only one operation of the model in its source, and with all but one.
///
/// An operation's share is the mean of what it adds as the first, as the last, after all that are computed before it and after all that are
/// computed after it: for errors that add up linearly this is the product of its own error with the whole, and the shares sum to the measured
/// error exactly.
public struct Explainer {
  private let source: ComparedModel
  private let model: ComparedModel
  private let inputs: GoldenBundle
  private let compute: Compute
  private let progress: (Int, Int, String) -> Void
  private let stored: [String: TensorDescriptor]

  /// Prepares to explain.
  ///
  /// - Parameters:
  ///   - model: what is to be explained.
  ///   - source: what it was made of.
  ///   - inputs: by default `ProbeInputs`.
  ///   - compute: how to compute.
  ///   - progress: hears of each operation that is done: how many, of how many, its name.
  /// - Throws: `mismatch` when the two do not have the same towers.
  public init(
    _ model: ComparedModel, source: ComparedModel, inputs: GoldenBundle? = nil, _ compute: Compute,
    progress: @escaping (Int, Int, String) -> Void = { _, _, _ in }
  ) throws {
    guard source.configuration.hasShape(of: model.configuration) else {
      throw CheckpointError(.mismatch, .clip, "the two models do not have the same towers: they cannot be compared")
    }
    self.source = source
    self.model = model
    // What int8 activations are rounded to changes with every other error: only over many inputs do such errors add up.
    let isCoarse = (model.activations ?? model.configuration.activations) == .int8
    self.inputs =
      inputs
      ?? ProbeInputs.bundle(for: model.configuration, images: isCoarse ? 32 : 4, texts: isCoarse ? 32 : 8)
    self.compute = compute
    self.progress = progress
    stored = Dictionary(model.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
  }

  /// A model at three levels: its source, its own weights with activations as they are, and as it is run.
  private struct Levels<T> {
    let source: T
    let weights: T
    let whole: T

    func map<U>(_ change: (T) throws -> U) rethrows -> Levels<U> {
      Levels<U>(source: try change(source), weights: try change(weights), whole: try change(whole))
    }
  }

  /// One tower: its programs, and what they compute.
  private struct Column {
    let programs: Levels<Program<Float>>
    let states: Levels<[Int: Matrix<Float>]>
    let embeds: Levels<Matrix<Float>>
  }

  /// Makes the ledger.
  ///
  /// - Returns: the ledger; whether it closes is for the caller to judge.
  /// - Throws: `mismatch` for models with other operations, and what running them throws.
  public func ledger() throws -> ErrorLedger {
    let encoders = Levels(
      source: try source.encoder(Float.self), weights: try floatModel.encoder(Float.self),
      whole: try model.encoder(Float.self)
    ).map { $0.fitted(to: inputs.texts) }
    var columns: [Tower: Column] = [:]
    for tower in Tower.allCases where has(tower) { columns[tower] = try column(tower, encoders) }
    let outcome = Outcome(
      encoders: (encoders.source, encoders.whole), images: columns[.vision].map { ($0.embeds.source, $0.embeds.whole) },
      texts: columns[.text].map { ($0.embeds.source, $0.embeds.whole) }, compute: compute)
    let measured = try outcome.error(nil, nil, isFirst: false)
    var ledger = ErrorLedger(
      model: model.name, source: source.name, metric: outcome.hasLogits ? "logits" : "embeddings", measured: measured,
      sum: 0, residue: 0, parts: [], tensors: [], images: inputs.imageCount, texts: inputs.texts.count, runs: 0)
    for tower in Tower.allCases {
      guard let column = columns[tower] else { continue }
      try explain(tower, column, outcome, into: &ledger)
    }
    if outcome.hasLogits,
      encoders.source.logitScale != encoders.whole.logitScale
        || encoders.source.logitBias != encoders.whole.logitBias
    {
      let (first, last) = try outcome.errorsOfScale()
      add(
        Play(weights: first, whole: first, last: measured - last, forward: measured - last, backward: first),
        "logit_scale", part: "logit_scale", &ledger)
    }
    ledger.sum = ledger.shares.total
    ledger.residue = measured > 0 ? (measured - ledger.sum) / measured : 0
    ledger.tensors.sort { $0.shares.total > $1.shares.total }
    return ledger
  }

  /// The model with activations as they are.
  private var floatModel: ComparedModel {
    ComparedModel(
      name: model.name, configuration: model.configuration, checkpoint: model.checkpoint,
      provenance: model.provenance, activations: .float32)
  }

  private func has(_ tower: Tower) -> Bool {
    switch tower {
    case .vision: model.configuration.vision != nil && inputs.imageCount > 0
    case .text: model.configuration.text != nil && !inputs.texts.isEmpty
    }
  }

  private func column(_ tower: Tower, _ encoders: Levels<CLIPEncoder<Float>>) throws -> Column {
    let programs = try encoders.map { encoder in
      switch tower {
      case .vision: try encoder.program(ofImages: inputs.pixels, count: inputs.imageCount, compute)
      case .text: try encoder.program(ofTexts: inputs.texts)
      }
    }
    let (a, b) = (programs.source.operations, programs.whole.operations)
    guard a.count == b.count, zip(a, b).allSatisfy({ $0.name == $1.name && $0.operands == $1.operands }) else {
      throw CheckpointError(
        .mismatch, .clip, subject: tower.rawValue,
        "the two models compute different operations; `ingot bisect` names the first")
    }
    let last = a.count - 1
    let ends = Set(programs.source.parts.map { $0.operations.upperBound - 1 })
    let states = try programs.map { try $0.run(compute) { ends.contains($0) } }
    return Column(
      programs: programs, states: states, embeds: states.map { $0[last] ?? Matrix(rows: 0, columns: 0) })
  }

  /// What one operation adds, in four places of the order in which operations become the model's.
  private struct Play {
    /// As the first, with its weights and activations as they are.
    let weights: Double
    /// As the first.
    let whole: Double
    /// As the last.
    let last: Double
    /// After all that are computed before it.
    let forward: Double
    /// After all that are computed after it.
    let backward: Double
  }

  private func explain(
    _ tower: Tower, _ column: Column, _ outcome: Outcome, into ledger: inout ErrorLedger
  ) throws {
    let players = try players(column)
    guard !players.isEmpty else { return }
    let (programs, states) = (column.programs, column.states)
    let places = players.map(\.place)
    /// What the tower embeds where a mixed program goes on from a state.
    func embeds(_ mixed: Program<Float>, from states: [Int: Matrix<Float>], _ part: Program<Float>.Part) throws
      -> Matrix<Float>?
    {
      ledger.runs += 1
      let start = part.operations.lowerBound
      let known = start == 0 ? [:] : [start - 1: states[start - 1] ?? Matrix(rows: 0, columns: 0)]
      let last = mixed.operations.count - 1
      return try mixed.run(compute, start..<last + 1, from: known) { $0 == last }[last]
    }
    func error(_ embeds: Matrix<Float>?, isFirst: Bool) throws -> Double {
      try outcome.error(
        tower == .vision ? embeds : nil, tower == .text ? embeds : nil, isFirst: isFirst)
    }
    var before = try outcome.error(ofSequence: tower, column.embeds.source, isForward: true)
    var backward = [Double](repeating: 0, count: players.count)
    var after = try outcome.error(ofSequence: tower, column.embeds.source, isForward: false)
    for (index, player) in players.enumerated().reversed() {
      let mixed = programs.whole.taking(places[..<index], from: programs.source)
      let next = try outcome.error(
        ofSequence: tower, embeds(mixed, from: states.source, player.part), isForward: false)
      backward[index] = next - after
      after = next
    }
    for (index, player) in players.enumerated() {
      let operation = programs.source.operations[player.place]
      progress(index, players.count, operation.name)
      func alone(_ base: Program<Float>, _ other: Program<Float>, _ states: [Int: Matrix<Float>], isFirst: Bool) throws
        -> Double
      {
        try error(embeds(base.taking([player.place], from: other), from: states, player.part), isFirst: isFirst)
      }
      let firstWhole = try alone(programs.source, programs.whole, states.source, isFirst: true)
      let lastSource = try alone(programs.whole, programs.source, states.whole, isFirst: false)
      let firstWeights =
        player.rounds ? try alone(programs.source, programs.weights, states.source, isFirst: true) : firstWhole
      let mixed = programs.source.taking(places[...index], from: programs.whole)
      let next = try outcome.error(ofSequence: tower, embeds(mixed, from: states.whole, player.part), isForward: true)
      add(
        Play(
          weights: firstWeights, whole: firstWhole, last: ledger.measured - lastSource, forward: next - before,
          backward: backward[index]), operation.name, part: operation.part, &ledger)
      before = next
    }
    progress(players.count, players.count, tower.rawValue)
  }

  /// The operations that give other results than the source's on the source's operands, and whether they round those.
  private func players(
    _ column: Column
  ) throws -> [(place: Int, part: Program<Float>.Part, rounds: Bool)] {
    var found: [(place: Int, part: Program<Float>.Part, rounds: Bool)] = []
    for part in column.programs.source.parts {
      let start = part.operations.lowerBound
      var values: [Int: Matrix<Float>] = [:]
      if start > 0 { values[start - 1] = column.states.source[start - 1] }
      for place in part.operations {
        let operands = column.programs.source.operations[place].operands.compactMap { values[$0] }
        let results = try column.programs.map { try $0.operations[place].result(operands, compute) }
        values[place] = results.source
        let rounds = results.whole != results.weights
        if rounds || results.weights != results.source { found.append((place, part, rounds)) }
      }
    }
    return found
  }

  /// Enters one operation into the ledger.
  private func add(_ play: Play, _ operation: String, part: String, _ ledger: inout ErrorLedger) {
    let tensor = tensor(of: operation)
    var shares = ErrorLedger.Shares()
    if tensor.map({ $0.encoding == .plain }) ?? true {
      shares.approximations = play.weights
    } else {
      shares.weights = play.weights
    }
    shares.activations = play.whole - play.weights
    shares.total = (play.whole + play.last + play.forward + play.backward) / 4
    shares.interaction = shares.total - play.whole
    if let index = ledger.parts.lastIndex(where: { $0.name == part }) {
      ledger.parts[index].shares.add(shares)
    } else {
      ledger.parts.append(ErrorLedger.Part(name: part, shares: shares))
    }
    guard let tensor else { return }
    let saving = play.last
    if let index = ledger.tensors.firstIndex(where: { $0.name == tensor.name }) {
      ledger.tensors[index].shares.add(shares)
      ledger.tensors[index].saving += saving
      return
    }
    ledger.tensors.append(
      ErrorLedger.Tensor(
        name: tensor.name, encoding: tensor.encoding == .plain ? tensor.type.rawValue : tensor.encoding.label,
        shares: shares, saving: saving, bytes: tensor.byteCount,
        extraBytes: max(0, tensor.shape.elementCount * 2 - tensor.byteCount)))
  }

  /// The tensor whose values an operation takes.
  private func tensor(of operation: String) -> TensorDescriptor? {
    // The probe of an attention pooling meets the same matrix as the tokens do.
    let name = operation == "vision.pool.queries" ? "vision.pool.qkv" : operation
    for candidate in [name, "\(name).weight", "\(name).conv.weight"] {
      if let tensor = stored[candidate] { return tensor }
    }
    return nil
  }
}

/// The error of embeddings, as logits show it.
private struct Outcome {
  let encoders: (CLIPEncoder<Float>, CLIPEncoder<Float>)
  let images: (Matrix<Float>, Matrix<Float>)?
  let texts: (Matrix<Float>, Matrix<Float>)?
  let compute: Compute

  var hasLogits: Bool { images != nil && texts != nil && encoders.0.configuration.similarity != .none }

  /// The mean squared error of logits.
  ///
  /// - Parameters:
  ///   - images: image embeddings, where they are not those of the side.
  ///   - texts: text embeddings likewise.
  ///   - isFirst: whether the source gives what is not given; else the model does.
  /// - Returns: the error.
  /// - Throws: what computing logits throws.
  func error(_ images: Matrix<Float>?, _ texts: Matrix<Float>?, isFirst: Bool) throws -> Double {
    func side(_ pair: (Matrix<Float>, Matrix<Float>)?) -> Matrix<Float>? { pair.map { isFirst ? $0.0 : $0.1 } }
    return try error(
      images ?? side(self.images), texts ?? side(self.texts), isFirst ? encoders.0 : encoders.1)
  }

  /// The error where operations become the model's one after the other: the image tower's, the text tower's, the logit scale; or backward.
  ///
  /// - Parameters:
  ///   - tower: the tower that is at it.
  ///   - embeds: what it embeds.
  ///   - isForward: whether those computed before are the model's, or those computed after.
  /// - Returns: the error.
  /// - Throws: what computing logits throws.
  func error(ofSequence tower: Tower, _ embeds: Matrix<Float>?, isForward: Bool) throws -> Double {
    let encoder = isForward ? encoders.0 : encoders.1
    return switch tower {
    case .vision: try error(embeds, isForward ? texts?.0 : texts?.1, encoder)
    case .text: try error(isForward ? images?.1 : images?.0, embeds, encoder)
    }
  }

  /// The errors that the logit scale makes alone, and that are left when it alone is the source's.
  func errorsOfScale() throws -> (first: Double, last: Double) {
    (try error(images?.0, texts?.0, encoders.1), try error(images?.1, texts?.1, encoders.0))
  }

  func error(_ images: Matrix<Float>?, _ texts: Matrix<Float>?, _ encoder: CLIPEncoder<Float>) throws -> Double {
    guard hasLogits, let images, let texts, let source = self.images?.0, let sourceTexts = self.texts?.0 else {
      return Self.squares(images, self.images?.0) + Self.squares(texts, self.texts?.0)
    }
    return Self.squares(
      try encoder.logits(images, texts, compute), try encoders.0.logits(source, sourceTexts, compute))
  }

  private static func squares(_ a: Matrix<Float>?, _ b: Matrix<Float>?) -> Double {
    guard let a, let b, !a.values.isEmpty else { return 0 }
    let sum = zip(a.values, b.values).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    return sum / Double(a.values.count)
  }
}
