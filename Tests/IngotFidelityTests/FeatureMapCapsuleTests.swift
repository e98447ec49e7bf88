// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotSafetensors
import IngotTestSupport
import Testing

@testable import IngotCLIP
@testable import IngotFidelity
@testable import IngotTensor

/// Capsules of operations on feature maps: each holds what one number of a map is made of.
@Suite struct FeatureMapCapsuleTests {
  private let folder: TemporaryFolder
  private let compute = Compute(threads: 1)

  init() throws { folder = try TemporaryFolder() }

  private static let models = [
    "resnet-tiny", "towers-alone/torchvision/resnet50.pth", "towers-alone/bit/BiT-M-R50x1.npz",
    "towers-alone/simclr/r50_1x_sk0.pth", "convnext/linear/", "convnext/mlp/", "mobileclip/s/",
    "mobileclip/s-reparameterised/", "mobileclip/s3/",
  ]

  /// The value that a field says, in float64.
  private func value(_ field: ReceptiveField<Double>, _ x: Matrix<Double>) -> Double {
    func number(_ place: NumberPlace) -> Double { x.values[place.row * x.columns + place.column] }
    switch field {
    case .moved(let place): return place.map(number) ?? 0
    case .sum(let terms): return terms.reduce(0) { $0 + ($1.place.map(number) ?? 1) * $1.weight }
    case .mean(let places): return places.reduce(0) { $0 + number($1) } / Double(places.count)
    case .largest(let places, let orZero): return (places.map(number) + (orZero ? [0] : [])).max() ?? .nan
    case .norm(let places, let index, let gain, let bias, let epsilon):
      let numbers = places.map(number)
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
      return (numbers[index] - mean) / (variance + epsilon).squareRoot() * gain + bias
    }
  }

  @Test(arguments: models + ["eva/eva02"])
  func `what a number is made of gives the number`(_ name: String) throws {
    var random = SeededGenerator(seed: 21)
    let model = try MutatedModel(name)
    let inputs = ProbeInputs.bundle(for: model.configuration, images: 2, texts: 1)
    let program = try CLIPEncoder<Double>(model.configuration, model.file)
      .program(ofImages: inputs.pixels, count: 2, compute)
    let values = try program.run(compute) { _ in true }
    var (looked, different) = (0, 0)
    for (index, operation) in program.operations.enumerated() {
      guard case .other(let label, let field, _) = operation.kind else { continue }
      let result = try #require(values[index])
      let operands = operation.operands.compactMap { values[$0] }
      for _ in 0..<40 {
        let place = NumberPlace(
          row: Int.random(in: 0..<result.rows, using: &random),
          column: Int.random(in: 0..<result.columns, using: &random))
        guard let made = field(place, operands[0].columns) else {
          // These have no constants: no two models differ there.
          #expect(label == "sigmoid" || label == "factor of each channel")
          break
        }
        let expected = result.values[place.row * result.columns + place.column]
        let scale = result.values.reduce(0) { max($0, abs($1)) }
        #expect(abs(value(made, operands[0]) - expected) <= 1e-10 * scale, "\(operation.name) \(label) \(place)")
        // Control: the field of another number is not this one's.
        let other = NumberPlace(row: (place.row + 1) % result.rows, column: (place.column + 1) % result.columns)
        looked += 1
        if let made = field(other, operands[0].columns), abs(value(made, operands[0]) - expected) > 1e-6 * scale {
          different += 1
        }
      }
    }
    #expect(looked > 0 && Double(different) > 0.7 * Double(looked), "\(different) of \(looked)")
  }

  /// Writes a capsule, computes it again, and takes the fault out.
  ///
  /// - Returns: its size, what NumPy must compute again as well, and what it must not.
  private func check(_ capsule: Capsule, _ name: String) throws -> (size: Int, right: [String], wrong: String) {
    func write(_ capsule: Capsule, _ kind: String) throws -> String {
      let path = folder.path("\(kind)-\(UUID().uuidString)")
      try capsule.write(to: path, existing: .refuse)
      return path
    }
    func replay(_ path: String) throws -> ReplayReport {
      try ReplayReport(Capsule(SafetensorsFile(MappedFile(path: path))), compute)
    }
    let path = try write(capsule, "fault")
    let size = try MappedFile(path: path).size
    #expect(size <= 8192, "\(name): \(size) bytes")
    let report = try replay(path)
    #expect(report.reproduced && report.diverges, "\(name): \(report)")
    // Without the fault: what the reference computes with, on both sides.
    var repaired = capsule
    repaired.found = capsule.reference
    let repairedPath = try write(repaired, "repaired")
    let without = try replay(repairedPath)
    #expect(without.reproduced && !without.diverges, "\(name): \(without)")
    // With the fault, but as if it gave the right number.
    var hidden = capsule
    hidden.found.output = capsule.reference.output
    let hiddenPath = try write(hidden, "hidden")
    #expect(try !replay(hiddenPath).reproduced, "\(name)")
    return (size, [path, repairedPath], hiddenPath)
  }

  /// The same, with NumPy.
  private func checkAll(_ capsule: Capsule, _ name: String) throws -> Int {
    let (size, right, wrong) = try check(capsule, name)
    #expect(try numpy(right) == 0, "\(name)")
    #expect(try numpy([wrong]) != 0, "\(name)")
    return size
  }

  /// The exit code of the script that computes capsules again.
  private func numpy(_ paths: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [Fixtures.folder.deletingLastPathComponent().appending(path: "Tools/replay.py").path] + paths
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Every few of a model's planted faults, each in a tensor.
  @Test(arguments: models) func `every fault of a convolutional model has a capsule`(_ name: String) throws {
    let model = try MutatedModel(name)
    let source = try model.compared(name: name)
    let faults = try PlantedFault.all(of: model, seed: 77)
      .filter { $0.operations.allSatisfy { $0.hasPrefix("vision.") } }
    var kinds: [String: Int] = [:]
    var right: [String] = []
    for fault in stride(from: 0, to: faults.count, by: max(1, faults.count / 40)).map({ faults[$0] }) {
      var spoiled = model
      try fault.plant(&spoiled)
      var bisector = try Bisector(source, try spoiled.compared(), compute)
      let (report, found) = try bisector.run()
      let first = try #require(report.first, "\(fault.name)")
      #expect(fault.operations.contains(first.operation), "\(fault.name): \(first.operation)")
      let capsule = try #require(found, "\(fault.name): \(first.kind)")
      let (size, paths, wrong) = try check(capsule, fault.name)
      right += paths
      let kind = capsule.reference.kind.rawValue
      if kinds[kind] == nil { #expect(try numpy([wrong]) != 0, "\(fault.name)") }
      kinds[kind] = max(kinds[kind] ?? 0, size)
    }
    #expect(try numpy(right) == 0)
    print("SCORE capsules of \(name): \(kinds.sorted { $0.key < $1.key }.map { "\($0.key) up to \($0.value)" })")
    #expect(kinds["product"] != nil)
  }

  /// A fault as conversions make them.
  struct Fault: Sendable, CustomTestStringConvertible {
    let model: String
    let what: String
    let operation: String
    let kinds: [Capsule.Kind]
    let plant: @Sendable (inout MutatedModel) throws -> Void
    var testDescription: String { "\(model): \(what)" }

    init(
      _ model: String, _ what: String, _ operation: String, _ kinds: Capsule.Kind...,
      plant: @escaping @Sendable (inout MutatedModel) throws -> Void
    ) {
      (self.model, self.what, self.operation, self.kinds, self.plant) = (model, what, operation, kinds, plant)
    }
  }

  private static let torchvision = "towers-alone/torchvision/resnet50.pth"
  private static let bit = "towers-alone/bit/BiT-M-R50x1.npz"

  private static let faults = [
    Fault(torchvision, "one weight's sign", "vision.stages.0.0.conv2", .product) {
      try $0.change("vision.stages.0.0.conv2.weight") { values in
        let place = values.indices.max { values[$0].magnitude < values[$1].magnitude } ?? 0
        values[place] = -values[place]
      }
    },
    Fault(torchvision, "output channels exchanged", "vision.stages.1.0.conv1", .product) {
      let length = $0.shape("vision.stages.1.0.conv1.weight")[1]
      try $0.change("vision.stages.1.0.conv1.weight") { values in
        for index in 0..<length { values.swapAt(index, length + index) }
      }
    },
    Fault(torchvision, "the batch norm's epsilon", "vision.stem.conv", .product) {
      $0.changeMaps { $0.normEpsilon *= 1000 }
    },
    Fault(torchvision, "the batch norm's mean", "vision.stem.conv.bias", .sum) {
      try $0.change("vision.stem.norm.running_mean") { for index in $0.indices { $0[index] += 0.5 } }
    },
    Fault(torchvision, "padding", "vision.stem.conv.windows", .value) { $0.changeMaps { $0.stem.padding = 2 } },
    Fault(torchvision, "the activation", "vision.stem.conv.activation", .activation) {
      $0.changeMaps { $0.activation = .silu }
    },
    Fault(bit, "the border of the pooling", "vision.stem.pooling", .largest) {
      $0.changeMaps { $0.stem.poolingBorder = .nothing }
    },
    Fault(bit, "the group norm's epsilon", "vision.stages.0.0.norm1", .layerNorm) {
      $0.changeMaps { $0.normEpsilon *= 1000 }
    },
    Fault(bit, "two gains of a group norm exchanged", "vision.stages.1.0.norm2", .layerNorm) {
      try $0.change("vision.stages.1.0.norm2.weight") { $0.swapAt(0, 5) }
    },
    Fault(bit, "the standardisation's epsilon", "vision.stem.conv", .product) {
      $0.changeMaps { $0.weightStandardizationEpsilon = 1e-2 }
    },
    Fault("convnext/linear/", "padding", "vision.stem.conv.windows", .value) { $0.changeMaps { $0.stem.padding = 1 } },
    Fault("convnext/linear/", "kernels turned over", "vision.stages.1.0.depthwise", .product) {
      try $0.change("vision.stages.1.0.depthwise.weight") { $0.reverse() }
    },
    Fault("convnext/linear/", "the norm's epsilon", "vision.stem.norm", .layerNorm) {
      $0.changeMaps { $0.normEpsilon = 0.5 }
    },
    Fault("mobileclip/s/", "kernels of two channels exchanged", "vision.stem.second", .product) {
      try $0.change("vision.stem.second.weight") { values in for tap in 0..<9 { values.swapAt(tap, 9 + tap) } }
    },
    Fault("mobileclip/s/", "the batch norm of an attention", "vision.stages.3.0.attention_norm", .product) {
      try $0.change("vision.stages.3.0.attention_norm.running_mean") { $0[1] += 1 }
    },
    Fault("mobileclip/s/", "a bias of an excitation", "vision.final.excitation.down.bias", .sum) {
      try $0.change("vision.final.excitation.down.bias") { $0[3] += 1 }
    },
    Fault("resnet-tiny", "positions of the attention pool", "vision.attention_pool.position_embedding", .sum) {
      try $0.change("vision.attention_pool.position_embedding") { $0.reverse() }
    },
  ]

  @Test(arguments: faults) func `a fault on a map is named and has a capsule`(_ fault: Fault) throws {
    let model = try MutatedModel(fault.model)
    var spoiled = model
    try fault.plant(&spoiled)
    var bisector = try Bisector(try model.compared(), try spoiled.compared(), compute)
    let (report, found) = try bisector.run()
    #expect(report.first?.operation == fault.operation, "\(report.summary)")
    let capsule = try #require(found, "\(report.summary)")
    #expect([capsule.reference.kind, capsule.found.kind].allSatisfy { fault.kinds.contains($0) })
    let size = try checkAll(capsule, fault.what)
    print("SCORE capsule of \(fault.what), \(fault.model): \(size) bytes")
  }

  @Test func `a batch norm's fault is in the scale alone`() throws {
    let model = try MutatedModel(Self.torchvision)
    var spoiled = model
    spoiled.changeMaps { $0.normEpsilon *= 1000 }
    var bisector = try Bisector(try model.compared(), try spoiled.compared(), compute)
    let capsule = try #require(try bisector.run().capsule)
    #expect(capsule.reference.tensors["weights"] == capsule.found.tensors["weights"])
    #expect(capsule.reference.tensors["scale"] != capsule.found.tensors["scale"])
  }

  @Test func `a capsule of another format is refused`() throws {
    let model = try MutatedModel(Self.torchvision)
    var spoiled = model
    try spoiled.change("vision.stem.conv.weight") { $0[0] += 1 }
    var bisector = try Bisector(try model.compared(), try spoiled.compared(), compute)
    let capsule = try #require(try bisector.run().capsule)
    try capsule.write(to: folder.path("a"), existing: .refuse)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.path("a"))))
    for version in ["2", "4"] {
      let name = Array("ingot-capsule-".utf8)
      let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
      var other = bytes
      other[start + name.count] = Array(version.utf8)[0]
      let path = try folder.write(other, to: "format-\(version)")
      #expect(throws: CheckpointError.self) { try Capsule(SafetensorsFile(MappedFile(path: path))) }
      #expect(try numpy([path]) != 0)
    }
  }

  /// Fields of the sizes of the largest published towers.
  @Test func `capsules of large maps are small too`() throws {
    var random = SeededGenerator(seed: 9)
    func kind(_ field: @escaping ReceptiveField<Double>.Function) -> IngotCLIP.Operation<Double>.Kind {
      .other("made", field: field) { operands, _ in operands[0] }
    }
    func check(
      _ name: String, _ kinds: (IngotCLIP.Operation<Double>.Kind, IngotCLIP.Operation<Double>.Kind),
      _ operand: Matrix<Float>
    ) throws {
      let operations = [kinds.0, kinds.1].map {
        IngotCLIP.Operation<Double>(name: name, part: "", kind: $0, operands: [0])
      }
      let capsule = try #require(
        try Capsule(
          (operations[0], operations[1]), [operand], NumberPlace(row: 0, column: 0), bound: 1e-4, names: ("a", "b"),
          compute))
      print("SCORE capsules, \(name): \(try self.checkAll(capsule, name)) bytes")
    }
    func rows(_ count: Int, _ columns: Int) -> Matrix<Float> {
      Matrix(
        values: (0..<count * columns).map { _ in Float.random(in: -1...1, using: &random) }, rows: count,
        columns: columns)
    }
    // BiT-M-R152x4: 32 groups of 1,024 channels at 120 × 120 places.
    func norm(_ gain: Double, _ epsilon: Double) -> IngotCLIP.Operation<Double>.Kind {
      kind { place, columns in
        .norm(
          (0..<14400).flatMap { row in (0..<columns).map { NumberPlace(row: row, column: $0) } }, index: place.column,
          gain: gain, bias: 0.5, epsilon: epsilon)
      }
    }
    try check("group norm of 460,800, another gain", (norm(1, 1e-5), norm(1.5, 1e-5)), rows(14400, 32))
    try check("group norm of 460,800, another epsilon", (norm(1, 1e-5), norm(1, 0.1)), rows(14400, 32))
    let map = rows(2304, 4)
    let mean = kind { _, _ in .mean((0..<2304).map { NumberPlace(row: $0, column: 0) }) }
    try check("mean of 2,304 against one place", (mean, .selection([7])), map)
    // RN50x64 has 9,216 inputs of a convolution; a depthwise one of 31 × 31 has 961.
    let operand = rows(1, 18432)
    let weights = rows(3, 18432)
    var spoiled = weights
    spoiled.values.swapAt(10_000, 10_001)
    try check(
      "convolution of 3 × 3 × 2,048",
      (
        .product(WeightMatrix(rows: weights), scale: [0.5, 1, 1]),
        .product(WeightMatrix(rows: spoiled), scale: [0.5, 1, 1])
      ), operand)
    func depthwise(_ change: Double) -> IngotCLIP.Operation<Double>.Kind {
      kind { _, _ in
        .sum(
          (0..<961).map {
            ReceptiveField.Term(
              place: NumberPlace(row: 0, column: $0), weight: Double(weights.values[$0]) + ($0 == 700 ? change : 0))
          } + [ReceptiveField.Term(place: nil, weight: 0.25)])
      }
    }
    try check("depthwise convolution of 31 × 31", (depthwise(0), depthwise(1)), operand)
  }
}

extension MutatedModel {
  /// Changes the image tower where it is a convolutional one.
  mutating func changeMaps(_ body: (inout ConvolutionalConfiguration) -> Void) {
    guard case .convolutional(var vision) = configuration.vision else {
      Issue.record("the fixture has no such tower")
      return
    }
    body(&vision)
    configuration.vision = .convolutional(vision)
  }
}
