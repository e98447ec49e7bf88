// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
public import IngotTensor

/// Whether what two models store under one name is one tensor, as far as the ways of storing it can tell.
public struct TensorAgreement: Sendable, Hashable, Codable {
  /// How the two agree.
  public enum Verdict: String, Sendable, Hashable, Codable {
    /// The same values.
    case identical
    /// Other values, each no further from the other than the two encodings' own rounding.
    case explained
    /// At least one value is further away.
    case different
    /// The shapes differ.
    case shape
  }

  /// The canonical name.
  public let name: String
  /// How the two agree.
  public let verdict: Verdict
  /// Values that rounding does not explain.
  public let unexplained: Int
  /// The first and the last of them, counted row-major.
  public let firstUnexplained: Int
  /// See `firstUnexplained`.
  public let lastUnexplained: Int

  /// Compares the two tensors.
  ///
  /// - Parameters:
  ///   - first: of the reference.
  ///   - one: what holds it.
  ///   - second: the same tensor of the other model.
  ///   - other: what holds it.
  ///   - clipped: the largest error that the second's provenance states for a value at the end of its integers' range.
  ///   - isCompensated: whether the second's integers were rounded with compensation.
  /// - Throws: what reading throws.
  init(
    _ first: TensorDescriptor, in one: any Checkpoint, _ second: TensorDescriptor, in other: any Checkpoint,
    clipped: Double, isCompensated: Bool
  ) throws {
    name = first.name
    guard first.shape.elementCount == second.shape.elementCount else {
      (verdict, unexplained, firstUnexplained, lastUnexplained) = (.shape, 0, 0, 0)
      return
    }
    let isSame =
      first.type == second.type && first.encoding == second.encoding
      ? try one.withBytes(of: first) { left in try other.withBytes(of: second) { left.elementsEqual($0) } } : false
    if isSame {
      (verdict, unexplained, firstUnexplained, lastUnexplained) = (.identical, 0, 0, 0)
      return
    }
    let left = try StoredValues(first, in: one)
    let right = try StoredValues(second, in: other)
    if isCompensated, let share = right.shareOfCompensation(second, of: left.values), share <= 1 {
      (verdict, unexplained, firstUnexplained, lastUnexplained) = (
        left.values == right.values ? .identical : .explained, 0, 0, 0
      )
      return
    }
    var (count, start, end, different) = (0, 0, 0, false)
    for index in left.values.indices where left.values[index] != right.values[index] {
      different = true
      let (a, b) = (left.values[index], right.values[index])
      let distance = abs(Double(a) - Double(b))
      let allowed = left.allowance(at: index, near: b) + right.allowance(at: index, near: a)
      if distance <= allowed || right.isClipped(at: index, of: a, by: clipped) { continue }
      // Written so that NaN on one side only is a difference, on both is none.
      if a.isNaN, b.isNaN { continue }
      if count == 0 { start = index }
      end = index
      count += 1
    }
    verdict = count > 0 ? .different : different ? .explained : .identical
    (unexplained, firstUnexplained, lastUnexplained) = (count, start, end)
  }

  /// Compares all tensors that take part in inference and that both have, in the order of the canonical table.
  ///
  /// - Parameters:
  ///   - reference: one model.
  ///   - subject: the other.
  ///   - compute: the tensors are shared among its threads.
  /// - Returns: one verdict for each.
  /// - Throws: what reading throws.
  public static func all(
    _ reference: ComparedModel, _ subject: ComparedModel, _ compute: Compute
  ) throws -> [TensorAgreement] {
    let first = Dictionary(reference.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    let second = Dictionary(subject.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    let names = CanonicalSchema.entries(for: reference.configuration).filter { $0.role != .buffer }.map(\.name)
    return try compute.map(names.count) { index -> TensorAgreement? in
      guard let one = first[names[index]], let other = second[names[index]] else { return nil }
      defer {
        reference.checkpoint.release(one)
        subject.checkpoint.release(other)
      }
      return try TensorAgreement(
        one, in: reference.checkpoint, other, in: subject.checkpoint,
        clipped: subject.provenance?.tensors[other.name]?.fidelity.maximumError ?? 0,
        isCompensated: subject.provenance?.isCompensated ?? false)
    }.compactMap { $0 }
  }
}

/// The values of a tensor, and how far each may be from the number that it was rounded from.
struct StoredValues {
  let values: [Float]
  private let type: ElementType
  /// For integers, the distance between neighbouring values; else empty.
  private let steps: [Float]
  /// Of integers, half a step before the end of their range, in steps.
  private let rangeEnd: Float
  /// How many half steps a value may be away from what it was made of.
  private let halfSteps: Double

  /// Reads a tensor.
  ///
  /// - Parameters:
  ///   - tensor: the tensor.
  ///   - checkpoint: what holds it.
  ///   - isCompensated: whether integers were rounded with compensation, which takes single ones further away than half a step.
  /// - Throws: what reading throws.
  init(_ tensor: TensorDescriptor, in checkpoint: any Checkpoint, isCompensated: Bool = false) throws {
    type = tensor.type
    halfSteps = isCompensated ? Double(1 << ((tensor.encoding.width?.rawValue ?? 0) / 2)) : 1
    rangeEnd = Float(tensor.encoding.width?.limit ?? 0) - 0.5
    (values, steps) = try checkpoint.withBytes(of: tensor) { bytes in
      (
        try TensorDecoder.values(of: tensor, bytes),
        tensor.encoding == .plain ? [] : TensorDecoder.steps(of: tensor, bytes)
      )
    }
  }

  /// Whether integers are stored.
  var isInteger: Bool { !steps.isEmpty }

  /// Half the distance between neighbouring numbers, at the larger of a stored value and another.
  func allowance(at index: Int, near other: Float) -> Double {
    let size = max(Double(values[index].magnitude), Double(other.magnitude))
    guard size.isFinite else { return 0 }
    if steps.isEmpty { return type.unitInLastPlace(at: size) / 2 }
    // A quotient that lies between two integers is rounded itself.
    return Double(steps[index]) / 2 * halfSteps + ElementType.float32.unitInLastPlace(at: size) * 4
  }

  /// How much these values use of what compensation may move them away from others; `nil` where no integers are stored.
  func shareOfCompensation(_ tensor: TensorDescriptor, of original: [Float]) -> Double? {
    steps.isEmpty ? nil : CompensationBound.share(of: tensor, original, values, steps).share
  }

  /// Whether an integer stands for a larger number that its range does not reach.
  func isClipped(at index: Int, of original: Float, by stated: Double) -> Bool {
    let value = values[index]
    return !steps.isEmpty && value * original > 0 && original.magnitude > value.magnitude
      && value.magnitude > rangeEnd * steps[index] && Double((original - value).magnitude) <= stated
  }
}
