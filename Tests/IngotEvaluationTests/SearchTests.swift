// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import IngotEvaluation

/// The search on Rosenbrock's function, whose valley is curved: step for step what SciPy 1.17.1 does
/// (`minimize(method="L-BFGS-B", gtol=1e-5, ftol=64 ulp, maxls=50)` from -1.2, 1, -1.2, …).
@Suite struct SearchTests {
  private static func rosenbrock(_ x: [Double]) -> LBFGS.Evaluation {
    var value = 0.0
    var gradient = [Double](repeating: 0, count: x.count)
    for i in 0..<x.count - 1 {
      let a = x[i + 1] - x[i] * x[i]
      let b = 1 - x[i]
      value += 100 * a * a + b * b
      gradient[i] += -400 * x[i] * a - 2 * b
      gradient[i + 1] += 200 * a
    }
    return LBFGS.Evaluation(value: value, gradient: gradient)
  }

  @Test(arguments: [(2, 37, 45), (5, 52, 69), (20, 127, 160)])
  func `makes SciPy's iterations and evaluations`(_ size: Int, _ iterations: Int, _ evaluations: Int) throws {
    let start = (0..<size).map { $0 % 2 == 0 ? -1.2 : 1 }
    var state = LBFGS(at: start, Self.rosenbrock(start))
    var stop: LBFGS.Stop?
    while stop == nil { stop = try state.iterate(tolerance: 1e-5, most: 1000) { Self.rosenbrock($0) } }
    #expect(stop == .gradient)
    #expect(state.iterations == iterations && state.evaluations == evaluations)
    #expect(state.position.allSatisfy { abs($0 - 1) < 1e-5 })
    // What has ended stays so.
    #expect(try state.iterate(tolerance: 0, most: 1000) { Self.rosenbrock($0) } == .gradient)
    #expect(state.iterations == iterations)
  }

  @Test func `the limit of iterations, and a function that cannot be improved, end it`() throws {
    var state = LBFGS(at: [-1.2, 1], Self.rosenbrock([-1.2, 1]))
    var stop: LBFGS.Stop?
    while stop == nil { stop = try state.iterate(tolerance: 0, most: 5) { Self.rosenbrock($0) } }
    #expect(stop == .iterations && state.iterations == 5)
    // A slope that is not there: every step leads up.
    func wrong(_ x: [Double]) -> LBFGS.Evaluation { LBFGS.Evaluation(value: x[0] * x[0], gradient: [-1]) }
    var lost = LBFGS(at: [0], wrong([0]))
    #expect(try lost.iterate(tolerance: 1e-9, most: 100, wrong) == .precision)
    #expect(lost.position == [0])
  }
}
