// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotQuantization
import IngotSafetensors
import IngotTestSupport
import Testing

@testable import IngotCLIP
@testable import IngotFidelity
@testable import IngotTensor

@Suite struct BisectionTests {
  static let faulty = [
    "vit-tiny", "fashion-clip", "resnet-tiny", "huggingface/gelu-eos", "open-clip/layer-scale", "siglip/huggingface",
    "chinese-clip/huggingface", "eva/eva02", "eva/eva02-enormous", "convnext/mlp/", "towers-alone/bit/BiT-M-R50x1.npz",
    "towers-alone/torchvision/resnet50.pth", "open-clip/custom-text", "mobileclip/s/", "mobileclip/s3/",
  ]

  /// Prints the score: planted faults whose operation is named, of all.
  @Test(arguments: [EncodingScheme.float32, .int8, .int8Group64])
  func `every planted fault is located`(_ scheme: EncodingScheme) throws {
    var (located, planted) = (0, 0)
    var kinds: Set<String> = []
    for (index, name) in Self.faulty.enumerated() {
      let model = try MutatedModel(name)
      let source = try model.compared(name: name)
      let faults = try PlantedFault.all(of: model, seed: UInt64(index))
      // Of a residual network's hundreds every few, beginning at another one each time; of integers every other, in groups every fifth.
      let step = max(scheme == .float32 ? 1 : scheme == .int8 ? 2 : 5, faults.count / 60)
      for number in stride(from: index % step, to: faults.count, by: step) {
        let fault = faults[number]
        var spoiled = model
        try fault.plant(&spoiled)
        var bisector = try Bisector(source, try spoiled.compared(scheme), Compute(threads: 1))
        let (report, _) = try bisector.run()
        planted += 1
        let isRight = report.first.map { fault.operations.contains($0.operation) } ?? false
        if isRight { located += 1 }
        kinds.insert(report.first?.kind ?? "nothing")
        #expect(isRight, "\(name) \(scheme): \(fault.name); found \(report.first?.operation ?? "nothing")")
      }
    }
    print(
      "SCORE bisect, \(scheme.rawValue): \(located) of \(planted) planted faults located in \(Self.faulty.count) models, \(kinds.count) kinds of operations"
    )
    #expect(planted > (scheme == .int8Group64 ? 100 : 250) && kinds.count >= 8)
  }

  @Test(arguments: MutatedModel.names)
  func `clean models do not diverge`(_ name: String) throws {
    let model = try MutatedModel(name)
    let source = try model.compared(name: name)
    let integers: [EncodingScheme] = [.int8, .int8Group32, .int6Group64, .int4Group128]
    for schemes in ([.float32, .float16, .bfloat16] + integers).map({ [$0] }) + [MutatedModel.planned] {
      var bisector = try Bisector(source, try model.compared(each: schemes), Compute(threads: 1))
      let (report, capsule) = try bisector.run()
      #expect(!report.diverged, "\(schemes): \(report.summary.joined(separator: "\n"))")
      #expect(report.differentTensors.isEmpty && capsule == nil)
      #expect(report.withinBounds.isEmpty)
      if schemes == [.float32] { #expect(report.explainedTensors == 0) }
      if schemes.contains(where: integers.contains) { #expect(report.explainedTensors > 0, "\(schemes)") }
    }
  }

  @Test(arguments: [[EncodingScheme.int4Group64], MutatedModel.planned])
  func `a fault behind coarse integers is located`(_ schemes: [EncodingScheme]) throws {
    for (name, tensor) in [
      ("fashion-clip", "vision.blocks.1.attention.qkv.weight"), ("vit-tiny", "text.blocks.0.mlp.up.weight"),
    ] {
      let model = try MutatedModel(name)
      var spoiled = model
      // As a transposed matrix is, whose values are all there: further off than any step of int4.
      try spoiled.change(tensor) { $0.reverse() }
      var bisector = try Bisector(
        try model.compared(name: name), try spoiled.compared(each: schemes), Compute(threads: 1))
      let report = try bisector.run().report
      #expect(report.first?.operation == String(tensor.dropLast(".weight".count)), "\(report.summary)")
      #expect(report.differentTensors == [tensor])
    }
  }

  @Test func `halving takes a logarithm of the parts`() throws {
    let model = try MutatedModel("vit-tiny")
    var spoiled = model
    try spoiled.change("vision.blocks.1.mlp.down.weight") { $0[5] += 1 }
    var bisector = try Bisector(try model.compared(), try spoiled.compared(), Compute())
    let (report, _) = try bisector.run()
    #expect(report.first?.operation == "vision.blocks.1.mlp.down")
    #expect(report.first?.columns == [0])
    // Four parts: two halvings, and the part itself.
    #expect(report.partialRuns <= 3)
  }

  @Test func `a difference within rounding is no divergence`() throws {
    let model = try MutatedModel("vit-tiny")
    var spoiled = model
    // Two units in the last place: more than two roundings of one number, less than the sums' own error.
    try spoiled.change("vision.blocks.0.mlp.up.weight") { $0[7] = $0[7].nextUp.nextUp.nextUp }
    var bisector = try Bisector(try model.compared(), try spoiled.compared(), Compute())
    let (report, _) = try bisector.run()
    #expect(report.differentTensors == ["vision.blocks.0.mlp.up.weight"])
    #expect(!report.diverged, "\(report.summary)")
  }

  @Test func `capsules are small and computed again bit for bit`() throws {
    var kinds: Set<String> = []
    let folder = try TemporaryFolder()
    var paths: [String] = []
    var sizes: [String: Int] = [:]
    for name in ["fashion-clip", "vit-tiny"] {
      let model = try MutatedModel(name)
      for (index, fault) in try PlantedFault.all(of: model, seed: 7).enumerated() {
        var spoiled = model
        try fault.plant(&spoiled)
        var bisector = try Bisector(try model.compared(), try spoiled.compared(), Compute())
        let (report, found) = try bisector.run()
        let capsule = try #require(found, "\(fault.name)")
        let path = folder.path("\(name)-\(index).capsule")
        try capsule.write(to: path, existing: .refuse)
        paths.append(path)
        let size = try MappedFile(path: path).size
        #expect(size <= 8192, "\(fault.name): \(size) bytes")
        sizes[capsule.reference.kind.rawValue] = max(sizes[capsule.reference.kind.rawValue] ?? 0, size)
        let read = try Capsule(SafetensorsFile(MappedFile(path: path)))
        let replay = try ReplayReport(read, Compute())
        #expect(replay.reproduced && replay.diverges, "\(fault.name)")
        kinds.insert(replay.kind.rawValue)
        // The capsule's numbers are those of the models' own runs.
        let first = try #require(report.first)
        let scale = max(abs(first.reference), abs(first.found))
        #expect(abs(Double(replay.reference) - first.reference) <= 1e-6 * scale + first.bound, "\(fault.name)")
        #expect(abs(Double(replay.found) - first.found) <= 1e-6 * scale + first.bound, "\(fault.name)")
      }
    }
    #expect(kinds == ["product", "sum", "activation", "layer-norm", "attention", "value"])
    for (kind, size) in sizes.sorted(by: { $0.key < $1.key }) { print("SCORE capsules, \(kind): up to \(size) bytes") }
    // The same numbers by NumPy.
    #expect(try numpy(paths) == 0)
    #expect(try String(contentsOfFile: script, encoding: .utf8).split(separator: "\n").count <= 23)
  }

  private let script = Fixtures.folder.deletingLastPathComponent().appending(path: "Tools/replay.py").path

  /// The exit code of the script that computes capsules again.
  private func numpy(_ paths: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [script] + paths
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Operations as wide as those of the largest models.
  @Test func `capsules of large operations are small too`() throws {
    var random = SeededGenerator(seed: 5)
    let folder = try TemporaryFolder()
    let compute = Compute()
    func matrix(_ rows: Int, _ columns: Int) -> Matrix<Float> {
      Matrix(
        values: (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &random) }, rows: rows,
        columns: columns)
    }
    func check(
      _ kinds: (IngotCLIP.Operation<Double>.Kind, IngotCLIP.Operation<Double>.Kind), _ operands: [Matrix<Float>],
      _ row: Int,
      _ column: Int, _ name: String, limit: Int = 8192
    ) throws {
      let operations = [kinds.0, kinds.1].map {
        IngotCLIP.Operation<Double>(name: name, part: "", kind: $0, operands: Array(operands.indices))
      }
      let place = OperationEnvelope.Place(row: row, column: column)
      let capsule = try #require(
        try Capsule((operations[0], operations[1]), operands, place, bound: 1e-4, names: ("a", "b"), compute))
      let path = folder.path(name)
      try capsule.write(to: path, existing: .refuse)
      let size = try MappedFile(path: path).size
      print("SCORE capsules, \(name): \(size) bytes")
      #expect(size <= limit, "\(name): \(size) bytes")
      let replay = try ReplayReport(Capsule(SafetensorsFile(MappedFile(path: path))), compute)
      #expect(replay.reproduced && replay.diverges, "\(name): \(replay)")
      #expect(try numpy([path]) == 0)
      // Controls: another number in the capsule is not what goes into its outputs.
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      bytes[bytes.count - 2] ^= 0x40
      let other = try folder.write(bytes, to: "\(name)-changed")
      #expect(try numpy([other]) != 0)
    }
    let weights = matrix(4, 6144)
    var spoiled = weights
    spoiled.values[6144 + 5000] += 1
    func product(_ weights: Matrix<Float>) -> IngotCLIP.Operation<Double>.Kind {
      .product(WeightMatrix(rows: weights), scale: [])
    }
    try check((product(weights), product(spoiled)), [matrix(2, 6144)], 1, 1, "product of 6144")
    let gain = matrix(1, 1280).values.map(Double.init)
    var wrong = gain
    wrong[7] += 1
    try check(
      (
        .layerNorm(gain: gain, bias: gain, epsilon: 1e-5), .layerNorm(gain: wrong, bias: gain, epsilon: 1e-5)
      ), [matrix(3, 1280)], 2, 7, "layer norm of 1280")
    // 577 tokens, 16 heads of 64 against 8 of 128.
    func attention(_ heads: Int) -> IngotCLIP.Operation<Double>.Kind {
      .attention(.packed(lengths: [577], visible: nil, width: 1024, heads: heads, isCausal: false))
    }
    try check((attention(16), attention(8)), [matrix(577, 3072)], 300, 70, "attention of 577", limit: 10240)
  }

  @Test func `a capsule that was changed is not reproduced`() throws {
    let model = try MutatedModel("vit-tiny")
    var spoiled = model
    try spoiled.change("vision.projection") { $0[3] += 1 }
    var bisector = try Bisector(try model.compared(), try spoiled.compared(), Compute())
    let result = try bisector.run()
    let capsule = try #require(result.capsule)
    let folder = try TemporaryFolder()
    let path = folder.path("a.capsule")
    try capsule.write(to: path, existing: .refuse)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var random = SeededGenerator(seed: 3)
    var refused = 0
    for trial in 0..<200 {
      var damaged = bytes
      let place = Int.random(in: 0..<bytes.count, using: &random)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      if trial % 4 == 0 { damaged.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
      let other = try folder.write(damaged, to: "damaged-\(trial)")
      do {
        _ = try ReplayReport(Capsule(SafetensorsFile(MappedFile(path: other))), Compute(threads: 1))
      } catch is CheckpointError {
        refused += 1
      }
    }
    #expect(refused > 50)
    // The last number is an output or what it is made of.
    var changed = bytes
    changed[changed.count - 2] ^= 0x40
    let other = try folder.write(changed, to: "changed")
    #expect(try !ReplayReport(Capsule(SafetensorsFile(MappedFile(path: other))), Compute()).reproduced)
  }
}
