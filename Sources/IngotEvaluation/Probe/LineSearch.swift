// SPDX-License-Identifier: Apache-2.0

/// The line search of Moré and Thuente (1994), as MINPACK-2's `dcsrch` does it: a step that decreases the function enough and at which its
/// slope is small.
struct LineSearch {
  /// A place on the line: how far, and the function and its slope there.
  struct Point {
    var step: Double
    var value: Double
    var slope: Double
  }

  /// What to do next.
  enum Outcome {
    /// Evaluate at the step.
    case evaluate
    /// The step is good.
    case found
    /// Rounding, or an interval that has become too small, ended the search.
    case exhausted
  }

  /// The step to evaluate next, or the one that was found.
  private(set) var step: Double
  private let start: Point
  private let largestStep: Double
  private var best: Point
  private var other: Point
  private var isBracketed = false
  private var isFirstStage = true
  private var width: Double
  private var formerWidth: Double
  private var lower = 0.0
  private var upper: Double

  /// The share of the slope at the start that the decrease must be, and that the slope may still be; the relative width that is too small.
  private static let (decrease, curvature, smallest) = (1e-3, 0.9, 0.1)

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: the function at step 0; its slope is negative.
  ///   - step: the first to try.
  ///   - largestStep: none beyond it is tried.
  init(_ start: Point, step: Double, largestStep: Double = 1e10) {
    self.start = start
    self.step = step
    self.largestStep = largestStep
    best = start
    other = start
    width = largestStep
    formerWidth = 2 * width
    upper = 5 * step
  }

  /// Takes the function's value and slope at `step`, and says what to do next.
  mutating func next(value: Double, slope: Double) -> Outcome {
    let test = Self.decrease * start.slope
    let limit = start.value + step * test
    if isFirstStage, value <= limit, slope >= 0 { isFirstStage = false }
    if value <= limit, abs(slope) <= Self.curvature * -start.slope { return .found }
    if isBracketed, step <= lower || step >= upper || upper - lower <= Self.smallest * upper { return .exhausted }
    if step == largestStep, value <= limit, slope <= test { return .exhausted }
    var current = Point(step: step, value: value, slope: slope)
    if isFirstStage, value <= best.value, value > limit {
      // The function minus the line of sufficient decrease has its minimum nearer.
      best.tilt(by: -test)
      other.tilt(by: -test)
      current.tilt(by: -test)
      advance(current)
      best.tilt(by: test)
      other.tilt(by: test)
    } else {
      advance(current)
    }
    if isBracketed {
      if abs(other.step - best.step) >= 0.66 * formerWidth { step = best.step + 0.5 * (other.step - best.step) }
      formerWidth = width
      width = abs(other.step - best.step)
      lower = min(best.step, other.step)
      upper = max(best.step, other.step)
    } else {
      lower = step + 1.1 * (step - best.step)
      upper = step + 4 * (step - best.step)
    }
    step = min(max(step, 0), largestStep)
    if isBracketed, step <= lower || step >= upper || upper - lower <= Self.smallest * upper { step = best.step }
    return .evaluate
  }

  /// `dcstep`: a safeguarded step from cubic and quadratic interpolation, and the interval that holds a minimum.
  private mutating func advance(_ current: Point) {
    let isOpposite = current.slope * (best.slope < 0 ? -1 : 1) < 0
    var next: Double
    if current.value > best.value {
      let cubic = best.step + best.cubicShare(to: current, awayFrom: .first) * (current.step - best.step)
      let quadratic =
        best.step
        + best.slope / ((best.value - current.value) / (current.step - best.step) + best.slope) / 2
        * (current.step - best.step)
      next = abs(cubic - best.step) < abs(quadratic - best.step) ? cubic : cubic + (quadratic - cubic) / 2
      isBracketed = true
    } else if isOpposite {
      let cubic = current.step + best.cubicShare(to: current, awayFrom: .second) * (best.step - current.step)
      let secant = current.step + current.slope / (current.slope - best.slope) * (best.step - current.step)
      next = abs(cubic - current.step) > abs(secant - current.step) ? cubic : secant
      isBracketed = true
    } else if abs(current.slope) < abs(best.slope) {
      let cubic = extrapolation(current)
      let secant = current.step + current.slope / (current.slope - best.slope) * (best.step - current.step)
      if isBracketed {
        next = abs(cubic - current.step) < abs(secant - current.step) ? cubic : secant
        let bound = current.step + 0.66 * (other.step - current.step)
        next = current.step > best.step ? min(bound, next) : max(bound, next)
      } else {
        next = abs(cubic - current.step) > abs(secant - current.step) ? cubic : secant
        next = min(max(next, lower), upper)
      }
    } else if isBracketed {
      next = current.step + other.cubicShare(to: current, awayFrom: .second) * (other.step - current.step)
    } else {
      next = current.step > best.step ? upper : lower
    }
    if current.value > best.value {
      other = current
    } else {
      if isOpposite { other = best }
      best = current
    }
    step = next
  }

  /// The minimiser of the cubic where the slope shrinks without changing its sign: only beyond the step is it used.
  private func extrapolation(_ current: Point) -> Double {
    let (theta, scale) = best.cubicTerms(to: current)
    let root = scale * max(0, square(theta / scale) - best.slope / scale * (current.slope / scale)).squareRoot()
    let gamma = current.step > best.step ? -root : root
    let ratio = (gamma - current.slope + theta) / (gamma + (best.slope - current.slope) + gamma)
    if ratio < 0, gamma != 0 { return current.step + ratio * (best.step - current.step) }
    return current.step > best.step ? upper : lower
  }
}

private func square(_ x: Double) -> Double { x * x }

extension LineSearch.Point {
  enum Side { case first, second }

  /// Adds a line through the origin to the function.
  fileprivate mutating func tilt(by slope: Double) {
    value += step * slope
    self.slope += slope
  }

  fileprivate func cubicTerms(to other: LineSearch.Point) -> (theta: Double, scale: Double) {
    let theta = 3 * (value - other.value) / (other.step - step) + slope + other.slope
    return (theta, max(abs(theta), abs(slope), abs(other.slope)))
  }

  /// How far the minimiser of the cubic through both points is on the way from one of them to the other.
  fileprivate func cubicShare(to other: LineSearch.Point, awayFrom side: Side) -> Double {
    let (theta, scale) = cubicTerms(to: other)
    let root = scale * max(0, square(theta / scale) - slope / scale * (other.slope / scale)).squareRoot()
    switch side {
    case .first:
      let gamma = other.step < step ? -root : root
      return (gamma - slope + theta) / (gamma - slope + gamma + other.slope)
    case .second:
      let gamma = other.step > step ? -root : root
      return (gamma - other.slope + theta) / (gamma - other.slope + gamma + slope)
    }
  }
}
