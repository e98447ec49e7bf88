// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// How a tensor is cut out of stored bytes: what `torch._utils._rebuild_tensor_v2` and its kin are given.
struct TensorRecipe: Sendable, Hashable {
  /// The storage.
  let storage: StoredElements
  /// Where in the storage the elements lie.
  let layout: StridedLayout
  /// What the stored integers stand for, where the tensor is quantized.
  var quantization: Quantization?

  /// The tensor's shape.
  var shape: Shape { layout.shape }

  /// The type of the stored elements.
  var storedType: ElementType { layout.type }

  /// The type of the values.
  var type: ElementType { quantization == nil ? layout.type : .float32 }

  /// Whether the tensor's bytes are just there.
  var isPlain: Bool { layout.isPlain && quantization == nil }

  /// Materialised bytes of a tensor that repeats its storage's elements (stride 0) may not exceed this.
  private static let largestExpansion = 1 << 30

  /// Makes a recipe whose every element lies within the storage and whose every product fits.
  ///
  /// - Parameters:
  ///   - storage: found, and of its stated size.
  ///   - layout: with as many strides as axes.
  ///   - name: the tensor, for messages.
  /// - Throws: `corrupt` when elements lie outside, `overflow`, `limit` when repeats make it too large.
  init(_ storage: StoredElements, _ layout: StridedLayout, named name: String) throws(CheckpointError) {
    self.storage = storage
    self.layout = layout
    let (offset, shape, strides, type) = (layout.offset, layout.shape, layout.strides, layout.type)
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .torchPickle, subject: name, detail)
    }
    guard offset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
      throw fault(.corrupt, "offset \(offset) and strides \(strides), negative ones are not allowed")
    }
    // Values may be twice or four times as wide as what is stored.
    guard shape.elementCount.multiplied(by: max(type.byteCount, 4)) != nil else {
      throw fault(.overflow, "shape \(shape) of \(type.rawValue)")
    }
    guard shape.elementCount > 0 else { return }
    var last: Int? = offset
    for axis in 0..<shape.rank {
      last = last.flatMap { sum in (shape[axis] - 1).multiplied(by: strides[axis]).flatMap(sum.adding) }
    }
    let count = storage.byteCount / type.byteCount
    guard let last, last < count else {
      throw fault(
        .corrupt,
        "offset \(offset), shape \(shape) and strides \(strides) reach element \(last.map { "\($0)" } ?? "beyond 2^63"), the storage has \(count)"
      )
    }
    guard layout.byteCount <= max(storage.byteCount, Self.largestExpansion) else {
      throw fault(
        .limit,
        "repeats \(storage.byteCount) bytes of storage to \(layout.byteCount), more than \(Self.largestExpansion)")
    }
  }
}
