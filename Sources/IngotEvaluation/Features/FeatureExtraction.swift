// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
import IngotNumPy
public import IngotTensor

/// Computes the features of a part of a dataset, in memory or into a store, from where an interrupted run left off.
public struct FeatureExtraction: Sendable {
  /// Pictures that are computed together; of no influence on the numbers.
  ///
  /// Few enough that a small model's activations stay in the cache of the core that computes them.
  public static let batch = 16
  /// Batches for each thread that may wait to be written.
  private static let ahead = 8
  /// Rows after which a run's progress is recorded.
  static let recordedRows = 4096

  private let source: any SampleSource
  private let extractor: any FeatureExtractor
  private let compute: Compute
  private let policy: UnreadablePolicy

  /// Chooses what to compute.
  ///
  /// - Parameters:
  ///   - source: the samples.
  ///   - extractor: the model.
  ///   - policy: what becomes of pictures that cannot be read.
  ///   - compute: how to compute.
  public init(
    _ source: any SampleSource, _ extractor: any FeatureExtractor, policy: UnreadablePolicy, _ compute: Compute
  ) {
    self.source = source
    self.extractor = extractor
    self.policy = policy
    self.compute = compute
  }

  /// Computes all features in memory.
  ///
  /// - Parameters:
  ///   - key: what is computed.
  ///   - title: for messages.
  ///   - progress: how many rows are done.
  /// - Returns: the features.
  /// - Throws: what reading pictures throws, under `stop`; what computing throws.
  public func run(_ key: FeatureKey, title: String, progress: (Int) -> Void) throws -> FeatureTable {
    let labels = try SampleLabels(source, 0..<source.count, classes: key.classes, isMultiLabel: key.isMultiLabel)
    var values: [Float] = []
    var unreadable: [UnreadableRow] = []
    try forEachBatch(of: 0..<source.count, width: 0) { features, left in
      values += features.values
      unreadable += left
      progress(values.count / max(1, features.columns))
    }
    return FeatureTable(
      Matrix(values: values, rows: source.count, columns: values.count / max(1, source.count)),
      labels.leavingOut(unreadable.map(\.row)), unreadable: unreadable, title: title)
  }

  /// Computes the features of a shard, or of all samples, into a store.
  ///
  /// - Parameters:
  ///   - key: what is computed.
  ///   - store: where it goes; complete features of the key that are there already are taken.
  ///   - shard: which part.
  ///   - progress: how many rows of the part are done.
  /// - Returns: the features, mapped.
  /// - Throws: `mismatch` when the store holds other features, complete or begun; `FileError`; what reading and computing throw.
  public func run(
    _ key: FeatureKey, into store: FeatureStore, shard: Shard? = nil, progress: (Int) -> Void
  ) throws -> FeatureTable {
    if let table = try store.open(key, shard: shard) { return table }
    try FileStatus.makeFolder(store.folder)
    let rows = shard?.rows(of: source.count) ?? 0..<source.count
    let labels = try SampleLabels(source, rows, classes: key.classes, isMultiLabel: key.isMultiLabel)
    var record = FeatureRecord(key: key, shard: shard, rows: 0, width: 0)
    if FileStatus.exists(store.progress), FileStatus.exists(ResumableFile.partialPath(for: store.features)) {
      let begun = try FeatureRecord.read(store.progress)
      try store.check(begun, key, shard)
      if begun.rows <= rows.count { record = begun }
    }
    var file: ResumableFile?
    if record.rows > 0 {
      let header = NumPyArrayWriter.header(shape: [rows.count, record.width]).count
      file = try ResumableFile(path: store.features, resumingAt: header + record.rows * record.width * 4)
    }
    progress(record.rows)
    var written = record.rows
    try forEachBatch(of: rows.lowerBound + record.rows..<rows.upperBound, width: record.width) { features, left in
      if file == nil {
        record.width = features.columns
        let begun = try ResumableFile(path: store.features, resumingAt: 0)
        try NumPyArrayWriter.header(shape: [rows.count, record.width]).withRawSpan { try begun.append($0) }
        file = begun
      }
      try features.values.withRawSpan { try file?.append($0) }
      record.unreadable += left
      written += features.rows
      progress(written)
      guard written - record.rows >= Self.recordedRows || written == rows.count else { return }
      try file?.sync()
      record.rows = written
      try record.write(store.progress)
    }
    guard let file, written == rows.count else {
      throw CheckpointError(.missing, .features, subject: store.name, "there are no samples to compute features of")
    }
    let known = labels.leavingOut(record.unreadable.map { $0.row - rows.lowerBound })
    try Self.write(known, to: store.labels)
    try file.commit()
    record.features = try Self.digest(of: store, known, rows: rows.count)
    record.labels = known.digest
    try record.write(store.record)
    FileStatus.remove(store.progress)
    guard let table = try store.open(key, shard: shard) else { preconditionFailure("the record was just written") }
    return table
  }

  /// Writes labels as int32, `[rows, 1]` or `[rows, classes]`.
  static func write(_ labels: SampleLabels, to path: String) throws {
    let columns = labels.isMultiLabel ? labels.classes : 1
    let writer = try NumPyArrayWriter(
      path: path, element: .int32, shape: [labels.count, columns], existing: .replace)
    try writer.append(labels.values)
    try writer.commit()
  }

  private static func digest(of store: FeatureStore, _ labels: SampleLabels, rows: Int) throws -> String {
    try FeatureTable(
      features: store.features, labels: store.labels, classes: labels.classes, title: store.name
    ).digest()
  }

  /// Pictures that are computed together, and their features; none where none of them can be read.
  private struct Batch: Sendable {
    let rows: Range<Int>
    let features: Matrix<Float>?
    let left: [UnreadableRow]

    /// One row for each picture; zeros for those that cannot be read.
    func filled(to width: Int) -> Matrix<Float> {
      if left.isEmpty, let features { return features }
      let unreadable = Set(left.map(\.row))
      var values: [Float] = []
      var next = 0
      for row in rows {
        if let features, !unreadable.contains(row) {
          values += features.row(next)
          next += 1
        } else {
          values += [Float](repeating: 0, count: width)
        }
      }
      return Matrix(values: values, rows: rows.count, columns: width)
    }
  }

  /// Prepares and computes batches of pictures, one on each thread, and hands on rows in order.
  private func forEachBatch(
    of rows: Range<Int>, width: Int, _ body: (Matrix<Float>, [UnreadableRow]) throws -> Void
  ) throws {
    // Rows before the first picture that can be read wait for its features' width.
    var waiting: [Batch] = []
    var width = width
    let count = (rows.count + Self.batch - 1) / Self.batch
    try compute.pipelineApart(count, ahead: Self.ahead) { index, compute in
      let first = rows.lowerBound + index * Self.batch
      return try batch(first..<min(first + Self.batch, rows.upperBound), compute)
    } consume: { batch in
      waiting.append(batch)
      width = batch.features?.columns ?? width
      guard width > 0 else { return }
      for batch in waiting { try body(batch.filled(to: width), batch.left) }
      waiting = []
    }
    if let row = waiting.first?.left.first {
      throw CheckpointError(
        .missing, .features, subject: row.name, "none of \(rows.count) pictures can be read; the first: \(row.reason)")
    }
  }

  private func batch(_ rows: Range<Int>, _ compute: Compute) throws -> Batch {
    let prepared = try compute.map(rows.count) { try prepare(rows.lowerBound + $0) }
    let readable = prepared.compactMap(\.tensor)
    return Batch(
      rows: rows, features: readable.isEmpty ? nil : try extractor.features(of: readable, compute),
      left: prepared.filter { $0.tensor == nil }.map {
        UnreadableRow(row: $0.row, name: source.name(at: $0.row), reason: $0.reason)
      })
  }

  private func prepare(_ row: Int) throws -> (row: Int, tensor: [Float]?, reason: String) {
    do {
      return (row, try extractor.prepare(source.image(at: row)), "")
    } catch let error as CheckpointError {
      guard policy == .skip else {
        throw CheckpointError(error.code, error.format, at: error.offset, subject: source.name(at: row), error.detail)
      }
      return (row, nil, "\(error)")
    } catch {
      guard policy == .skip else { throw error }
      return (row, nil, "\(error)")
    }
  }
}
