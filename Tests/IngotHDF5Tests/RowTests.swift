// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotHDF5
import IngotTensor
import IngotTestSupport
import Testing

/// Rows of a tensor are the bytes that the whole has there.
struct RowTests {
  @Test(arguments: ["layouts.h5", "types.h5", "latest.h5", "user-block.h5"])
  func `Rows put together are the whole`(name: String) throws {
    let file = try MappedFile(path: Fixtures.path("hdf5/" + name))
    let checkpoint = try HDF5Checkpoint(file, program: HDF5Fixture.program)
    var seen = 0
    for tensor in checkpoint.tensors {
      guard let count = tensor.shape.extents.first, count > 0 else { continue }
      let whole = try checkpoint.withBytes(of: tensor) { $0.copied() }
      let middle = count / 2
      var rows = try checkpoint.bytes(ofRows: 0..<middle, of: tensor)
      rows += try checkpoint.bytes(ofRows: middle..<count, of: tensor)
      #expect(rows == whole, "\(tensor.name)")
      #expect(
        try checkpoint.bytes(ofRows: count - 1..<count, of: tensor) == Array(whole.suffix(whole.count / count)),
        "\(tensor.name)")
      #expect(try checkpoint.bytes(ofRows: 0..<0, of: tensor).isEmpty)
      seen += 1
    }
    #expect(seen > 0)
  }
}
