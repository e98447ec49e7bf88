// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// How a tensor is cut out of stored bytes: what `torch._utils._rebuild_tensor_v2` and its kin are given.
struct TensorRecipe: Sendable, Hashable {
  /// The storage.
  let storage: StoredElements
  /// The type of the stored elements.
  let storedType: ElementType
  /// First element, counted in `storedType`.
  let offset: Int
  let shape: Shape
  /// Elements from one index to the next of each axis; never negative.
  let strides: [Int]
  /// Whether the elements lie there big-endian.
  let isSwapped: Bool
  /// What the stored integers stand for, where the tensor is quantized.
  var quantization: Quantization?

  /// The type of the values.
  var type: ElementType { quantization == nil ? storedType : .float32 }

  /// Bytes of the tensor's elements as stored, without gaps and repeats.
  var storedByteCount: Int { shape.elementCount * storedType.byteCount }

  /// Bytes of the values.
  var byteCount: Int { shape.elementCount * type.byteCount }

  /// Whether the elements lie one after the other, row-major.
  var isContiguous: Bool {
    let packed = shape.contiguousStrides
    return shape.elementCount <= 1 || (0..<shape.rank).allSatisfy { shape[$0] == 1 || strides[$0] == packed[$0] }
  }

  /// Whether the tensor's bytes are just there.
  var isPlain: Bool { isContiguous && !isSwapped && quantization == nil }

  /// Materialised bytes of a tensor that repeats its storage's elements (stride 0) may not exceed this.
  private static let largestExpansion = 1 << 30

  /// Makes a recipe whose every element lies within the storage and whose every product fits.
  ///
  /// - Parameters:
  ///   - storage: found, and of its stated size.
  ///   - storedType: the type of the elements.
  ///   - offset: the first element.
  ///   - shape: of the tensor.
  ///   - strides: as many as the shape has axes.
  ///   - isSwapped: whether the elements are big-endian.
  ///   - name: the tensor, for messages.
  /// - Throws: `corrupt` when elements lie outside, `overflow`, `limit` when repeats make it too large.
  init(
    _ storage: StoredElements, _ storedType: ElementType, offset: Int, shape: Shape, strides: [Int], isSwapped: Bool,
    named name: String
  ) throws(CheckpointError) {
    self.storage = storage
    self.storedType = storedType
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.isSwapped = isSwapped
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .torchPickle, subject: name, detail)
    }
    guard offset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
      throw fault(.corrupt, "offset \(offset) and strides \(strides), negative ones are not allowed")
    }
    // Values may be twice or four times as wide as what is stored.
    guard shape.elementCount.multiplied(by: max(storedType.byteCount, 4)) != nil else {
      throw fault(.overflow, "shape \(shape) of \(storedType.rawValue)")
    }
    guard shape.elementCount > 0 else { return }
    var last: Int? = offset
    for axis in 0..<shape.rank {
      last = last.flatMap { sum in (shape[axis] - 1).multiplied(by: strides[axis]).flatMap(sum.adding) }
    }
    let count = storage.byteCount / storedType.byteCount
    guard let last, last < count else {
      throw fault(
        .corrupt,
        "offset \(offset), shape \(shape) and strides \(strides) reach element \(last.map { "\($0)" } ?? "beyond 2^63"), the storage has \(count)"
      )
    }
    guard storedByteCount <= max(storage.byteCount, Self.largestExpansion) else {
      throw fault(
        .limit,
        "repeats \(storage.byteCount) bytes of storage to \(storedByteCount), more than \(Self.largestExpansion)")
    }
  }
}
