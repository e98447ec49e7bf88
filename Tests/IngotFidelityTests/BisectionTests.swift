// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct BisectionTests {
  static let faulty = [
    "vit-tiny", "fashion-clip", "resnet-tiny", "huggingface/gelu-eos", "open-clip/layer-scale", "siglip/huggingface",
    "chinese-clip/huggingface", "eva/eva02", "eva/eva02-enormous", "convnext/mlp/", "towers-alone/bit/BiT-M-R50x1.npz",
    "towers-alone/torchvision/resnet50.pth", "open-clip/custom-text",
  ]

  /// Prints the score: planted faults whose operation is named, of all.
  @Test(arguments: [EncodingScheme.float32, .int8])
  func `every planted fault is located`(_ scheme: EncodingScheme) throws {
    var (located, planted) = (0, 0)
    var kinds: Set<String> = []
    for (index, name) in Self.faulty.enumerated() {
      let model = try MutatedModel(name)
      let source = try model.compared(name: name)
      let faults = try PlantedFault.all(of: model, seed: UInt64(index))
      // Of a residual network's hundreds every few, beginning at another one each time; of integers every other.
      let step = max(scheme == .float32 ? 1 : 2, faults.count / 60)
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
    #expect(planted > 250 && kinds.count >= 8)
  }

  @Test(arguments: MutatedModel.names)
  func `clean models do not diverge`(_ name: String) throws {
    let model = try MutatedModel(name)
    let source = try model.compared(name: name)
    for scheme in [EncodingScheme.float32, .float16, .bfloat16, .int8] {
      var bisector = try Bisector(source, try model.compared(scheme), Compute(threads: 1))
      let (report, capsule) = try bisector.run()
      #expect(!report.diverged, "\(scheme): \(report.summary.joined(separator: "\n"))")
      #expect(report.differentTensors.isEmpty && capsule == nil)
      #expect(report.withinBounds.isEmpty)
      #expect(scheme == .float32 ? report.explainedTensors == 0 : scheme != .int8 || report.explainedTensors > 0)
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
    for name in ["fashion-clip", "vit-tiny"] {
      let model = try MutatedModel(name)
      for (index, fault) in try PlantedFault.all(of: model, seed: 7).enumerated() {
        var spoiled = model
        try fault.plant(&spoiled)
        var bisector = try Bisector(try model.compared(), try spoiled.compared(), Compute())
        let (report, found) = try bisector.run()
        guard let capsule = found else {
          // One token against a mean of many: no numbers that both go into.
          #expect(report.first?.operation == "vision.pooling", "\(fault.name)")
          continue
        }
        let path = folder.path("\(name)-\(index).capsule")
        try capsule.write(to: path, existing: .refuse)
        paths.append(path)
        let size = try MappedFile(path: path).size
        #expect(size < 40_000, "\(fault.name): \(size) bytes")
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
    // The same numbers by NumPy.
    let script = Fixtures.folder.deletingLastPathComponent().appending(path: "Tools/replay.py").path
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [script] + paths
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try String(contentsOfFile: script, encoding: .utf8).split(separator: "\n").count <= 32)
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
