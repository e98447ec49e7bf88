// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct AliasTests {
  @Test func `a tied tensor that save_model left out is there again, with the bytes of the one that was kept`() throws {
    let file = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/tied-model.safetensors")))
    #expect(file.tensors.map(\.name) == ["0.weight", "2.bias", "2.weight", "1.weight"])
    #expect(file.notes.aliases == ["1.weight": "0.weight"])
    let kept = try #require(file.tensor(named: "0.weight"))
    let removed = try #require(file.tensor(named: "1.weight"))
    #expect(try file.digest(of: removed) == file.digest(of: kept))
  }

  @Test func `metadata that only happen to name a tensor are no alias`() throws {
    let file = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/tied-model.safetensors")))
    #expect(file.metadata["note"] == "0.weight")
    #expect(file.tensor(named: "note") == nil)
  }
}
