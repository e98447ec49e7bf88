// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotTensor
import Testing

/// Operations one by one are the tower: the same bits.
@Suite struct ProgramTests {
  @Test(arguments: MutatedModel.names)
  func `operations one by one give the tower's own bits`(_ name: String) throws {
    let compute = Compute()
    for scheme in [EncodingScheme.source, .int8] {
      let model = try MutatedModel(name, scheme)
      let inputs = ProbeInputs.bundle(for: model.configuration, images: 2, texts: 3)
      let encoder = try CLIPEncoder<Float>(model.configuration, model.file)
      if model.configuration.vision != nil {
        let expected = try encoder.embedImages(inputs.pixels, count: inputs.imageCount, compute)
        let program = try encoder.program(ofImages: inputs.pixels, count: inputs.imageCount, compute)
        let last = program.operations.count - 1
        #expect(try program.run(compute) { $0 == last }[last] == expected, "\(scheme)")
        #expect(program.parts.map(\.operations.count).reduce(0, +) == program.operations.count)
        #expect(Set(program.operations.map(\.name)).count == program.operations.count)
      }
      if model.configuration.text != nil {
        let expected = try encoder.embedTexts(inputs.texts, compute)
        let program = try encoder.program(ofTexts: inputs.texts)
        let last = program.operations.count - 1
        #expect(try program.run(compute) { $0 == last }[last] == expected, "\(scheme)")
      }
    }
  }

  @Test func `parts take nothing but the end of the part before`() throws {
    for name in MutatedModel.names {
      let model = try MutatedModel(name)
      let inputs = ProbeInputs.bundle(for: model.configuration, images: 1, texts: 1)
      let encoder = try CLIPEncoder<Float>(model.configuration, model.file)
      var programs: [Program<Float>] = []
      if model.configuration.vision != nil {
        programs.append(try encoder.program(ofImages: inputs.pixels, count: 1, Compute(threads: 1)))
      }
      if model.configuration.text != nil { programs.append(try encoder.program(ofTexts: inputs.texts)) }
      for program in programs {
        for part in program.parts {
          for place in part.operations {
            #expect(
              program.operations[place].operands.allSatisfy { $0 >= part.operations.lowerBound - 1 },
              "\(name): \(program.operations[place].name)")
          }
        }
      }
    }
  }

  @Test func `an operation taken from another model changes the result`() throws {
    var other = try MutatedModel("vit-tiny")
    try other.change("vision.blocks.0.mlp.up.bias") { $0[0] += 1 }
    let model = try MutatedModel("vit-tiny")
    let inputs = ProbeInputs.bundle(for: model.configuration, images: 1, texts: 1)
    let compute = Compute()
    let a = try CLIPEncoder<Float>(model.configuration, model.file)
      .program(ofImages: inputs.pixels, count: 1, compute)
    let changed = try other.compared()
    let b = try CLIPEncoder<Float>(changed.configuration, changed.checkpoint)
      .program(ofImages: inputs.pixels, count: 1, compute)
    let place = try #require(a.operations.firstIndex { $0.name == "vision.blocks.0.mlp.up.bias" })
    let last = a.operations.count - 1
    let whole = try b.run(compute) { $0 == last }[last]
    #expect(try a.taking([place], from: b).run(compute) { $0 == last }[last] == whole)
    #expect(try a.run(compute) { $0 == last }[last] != whole)
  }
}
