// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotSafetensors
import IngotTensor

extension Capsule {
  /// The value of `format` in a capsule's metadata.
  static let format = "ingot-capsule-3"
  /// The most numbers that one tensor of a capsule may have.
  private static let mostNumbers = 1 << 22

  /// Writes the capsule as a safetensors file.
  ///
  /// - Parameters:
  ///   - path: where it will appear.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`.
  public func write(to path: String, existing: AtomicFile.Existing) throws {
    var tensors: [(descriptor: TensorDescriptor, bytes: [UInt8])] = []
    func add(_ name: String, _ values: Matrix<Float>) {
      guard
        let tensor = TensorDescriptor(
          name: name, type: .float32, shape: Shape(values.rows, values.columns), access: .assembled)
      else { preconditionFailure("what is in memory has a size") }
      tensors.append((tensor, values.values.withRawSpan { $0.copied() }))
    }
    var metadata = [
      "format": Self.format, "operation": operation, "row": "\(row)", "column": "\(column)",
      "reference": names.0, "model": names.1, "bound": "\(bound)",
    ]
    // What both sides have is written once.
    let shared = reference.tensors.filter { found.tensors[$0.key] == $0.value }
    for (name, values) in shared.sorted(by: { $0.key < $1.key }) { add(name, values) }
    if reference.kind == .product { metadata["first-input"] = "\(firstInput)" }
    for (prefix, side) in [("reference", reference), ("model", found)] {
      for (name, values) in side.tensors.sorted(by: { $0.key < $1.key }) where shared[name] == nil {
        add("\(prefix).\(name)", values)
      }
      add("\(prefix).output", Matrix(values: [side.output], rows: 1, columns: 1))
      metadata["\(prefix).kind"] = side.kind.rawValue
      switch side.kind {
      case .activation: metadata["\(prefix).activation"] = side.activation.rawValue
      case .layerNorm:
        metadata["\(prefix).epsilon"] = "\(side.epsilon)"
        metadata["\(prefix).index"] = "\(side.index)"
        metadata["\(prefix).count"] = "\(side.count)"
      case .mean: metadata["\(prefix).count"] = "\(side.count)"
      case .attention: metadata["\(prefix).key"] = "\(side.index)"
      case .product, .sum, .largest, .value: break
      }
    }
    try SafetensorsWriter.write(path: path, existing: existing, tensors: tensors, metadata: metadata)
  }

  /// Reads a capsule.
  ///
  /// - Parameter file: a safetensors file as `write` makes it.
  /// - Throws: `mismatch` for another file, `missing` for a capsule without what its kind needs, `limit` for one that is too large.
  public init(_ file: SafetensorsFile) throws {
    let metadata = file.metadata
    guard metadata["format"] == Self.format else {
      throw CheckpointError(
        .mismatch, .capsule,
        "found \(metadata["format"].map { "format \($0)" } ?? "no format in the metadata"), expected \(Self.format)")
    }
    func text(_ key: String) throws(CheckpointError) -> String {
      guard let text = metadata[key] else {
        throw CheckpointError(.missing, .capsule, subject: key, "the metadata does not have it")
      }
      return text
    }
    func parse<T>(_ key: String, _ parse: (String) -> T?) throws(CheckpointError) -> T {
      let found = try text(key)
      guard let value = parse(found) else {
        throw CheckpointError(.malformed, .capsule, subject: key, "cannot be \(found.prefix(40))")
      }
      return value
    }
    func matrix(_ name: String) throws -> Matrix<Float> {
      guard let tensor = file.tensor(named: name) else {
        throw CheckpointError(.missing, .capsule, subject: name, "no such tensor")
      }
      guard tensor.type == .float32, tensor.shape.rank == 2 else {
        throw Self.mismatch(name, "found \(tensor.type.rawValue) \(tensor.shape), expected F32 of two dimensions")
      }
      guard tensor.shape.elementCount <= Self.mostNumbers else {
        throw CheckpointError(
          .limit, .capsule, subject: name, "\(tensor.shape.elementCount) numbers, at most \(Self.mostNumbers)")
      }
      let values = try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) }
      return Matrix(values: values, rows: tensor.shape[0], columns: tensor.shape[1])
    }
    func side(_ prefix: String) throws -> Side {
      var side = Side(kind: try parse("\(prefix).kind") { Kind(rawValue: $0) }, tensors: [:])
      for tensor in file.tensors where !tensor.name.contains(".") {
        side.tensors[tensor.name] = try matrix(tensor.name)
      }
      for tensor in file.tensors where tensor.name.hasPrefix("\(prefix).") {
        side.tensors[String(tensor.name.dropFirst(prefix.count + 1))] = try matrix(tensor.name)
      }
      switch side.kind {
      case .activation: side.activation = try parse("\(prefix).activation") { Activation(rawValue: $0) }
      case .layerNorm:
        side.epsilon = try parse("\(prefix).epsilon") { Double($0) }
        side.index = try parse("\(prefix).index") { Int($0) }
        side.count = try parse("\(prefix).count") { Int($0) }
      case .mean: side.count = try parse("\(prefix).count") { Int($0) }
      case .attention: side.index = try parse("\(prefix).key") { Int($0) }
      case .product, .sum, .largest, .value: break
      }
      guard let output = side.tensors.removeValue(forKey: "output")?.values.first else {
        throw CheckpointError(.missing, .capsule, subject: "\(prefix).output", "no such number")
      }
      side.output = output
      return side
    }
    let reference = try side("reference")
    self.init(
      operation: try text("operation"), row: try parse("row") { Int($0) }, column: try parse("column") { Int($0) },
      firstInput: reference.kind == .product ? try parse("first-input") { Int($0) } : 0,
      names: (try text("reference"), try text("model")), bound: try parse("bound") { Double($0) },
      reference: reference, found: try side("model"))
  }
}

/// What came of computing a capsule's two numbers again.
public struct ReplayReport: Sendable, Hashable, Codable {
  /// `vision.blocks.3.mlp.up`.
  public var operation: String
  /// What the reference computes.
  public var kind: Capsule.Kind
  /// What the other model computes.
  public var foundKind: Capsule.Kind
  /// What comes of the reference's, now.
  public var reference: Float
  /// What comes of the other model's, now.
  public var found: Float
  /// Whether both are the capsule's own numbers, bit for bit.
  public var reproduced: Bool
  /// The distance between the two.
  public var difference: Double
  /// What rounding explains of it.
  public var bound: Double
  /// Whether the distance is larger.
  public var diverges: Bool

  /// Replays a capsule.
  ///
  /// - Parameters:
  ///   - capsule: what to compute.
  ///   - compute: how.
  /// - Throws: `missing` or `mismatch` for a capsule whose tensors do not fit.
  public init(_ capsule: Capsule, _ compute: Compute) throws {
    let outputs = try capsule.outputs(compute)
    operation = capsule.operation
    (kind, foundKind) = (capsule.reference.kind, capsule.found.kind)
    (reference, found) = outputs
    reproduced =
      outputs.reference.bitPattern == capsule.reference.output.bitPattern
      && outputs.found.bitPattern == capsule.found.output.bitPattern
    let distance = abs(Double(outputs.reference) - Double(outputs.found))
    difference = distance.isNaN ? .infinity : distance
    bound = capsule.bound
    // Written so that a bound that is NaN counts as broken.
    diverges = !(difference <= capsule.bound)
  }
}
