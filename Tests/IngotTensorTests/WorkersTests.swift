// SPDX-License-Identifier: Apache-2.0

import Dispatch
import IngotBytes
import IngotTensor
import IngotTestSupport
import Synchronization
import Testing

@Suite struct WorkersTests {
  @Test func `callers on several threads share one pool and one matrix, and get the same bits`() throws {
    var generator = SeededGenerator(seed: 31)
    let a = Matrix(values: generator.unevenFloats(20 * 300), rows: 20, columns: 300)
    let w = generator.unevenFloats(300 * 130)
    let checkpoint = MemoryCheckpoint(type: .float32, shape: Shape(130, 300), bytes: w.littleEndianBytes)
    let compute = Compute(threads: 3)
    var expected = Matrix<Float>(rows: 20, columns: 130)
    try Compute(threads: 1).product(a, checkpoint.weights(.outputMajor), into: &expected)
    let bits = expected.values.map(\.bitPattern)
    for _ in 0..<20 {
      // Not packed yet: whoever comes first packs.
      let weights = try checkpoint.weights(.outputMajor)
      let wrong = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        var c = Matrix<Float>(rows: 20, columns: 130)
        try? compute.product(a, weights, into: &c)
        if c.values.map(\.bitPattern) != bits { wrong.withLock { $0 += 1 } }
      }
      #expect(wrong.withLock { $0 } == 0)
    }
  }

  @Test func `equal choices are equal whichever threads serve them`() {
    #expect(Compute(path: .plain, threads: 2) == Compute(path: .plain, threads: 2))
    #expect(Compute(path: .plain, threads: 2) != Compute(path: .plain, threads: 1))
    #expect(Set([Compute(path: .plain, threads: 2), Compute(path: .plain, threads: 2)]).count == 1)
  }
}
