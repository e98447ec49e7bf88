// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A tensor as another key scheme has it, and where its elements lie in a model's own tensors.
public struct RestoredTensor: Sendable, Hashable {
  /// A run of its elements.
  public struct Piece: Sendable, Hashable {
    /// The model's tensor.
    public let tensor: TensorDescriptor
    /// Where the elements lie in that one's values, which are plain and of the layout's type.
    public let layout: StridedLayout
  }

  /// The name.
  public let name: String
  /// The shape.
  public let shape: Shape
  /// What it is put together of, one after the other.
  public let pieces: [Piece]

  /// The type of its elements.
  public var type: ElementType { pieces[0].layout.type }

  /// A tensor as it is, under another name.
  ///
  /// - Parameters:
  ///   - tensor: the model's.
  ///   - name: the name.
  public init(_ tensor: TensorDescriptor, named name: String) {
    self.name = name
    shape = tensor.shape
    let layout = StridedLayout.packed(tensor.valueType, tensor.shape, columnsFirst: false, isBigEndian: false)
    pieces = [Piece(tensor: tensor, layout: layout)]
  }

  fileprivate init(name: String, shape: Shape, pieces: [Piece]) {
    self.name = name
    self.shape = shape
    self.pieces = pieces
  }
}

extension TensorDescriptor {
  /// The type of the values: that of the tensor, or float32 for one that is quantized.
  var valueType: ElementType { encoding == .plain ? type : .float32 }
}

/// Takes canonical tensors apart again into those of a key scheme.
public struct TensorRestorer {
  /// A tensor that a canonical one, or some of its rows, becomes.
  public struct Part: Sendable, Hashable {
    /// The name.
    public let name: String
    /// What the reader of the key scheme does to it.
    public let transform: TensorTransform
    /// Of the canonical tensor's rows, how many shares are this part's.
    public let shares: Int

    /// Describes a part.
    public init(name: String, transform: TensorTransform, shares: Int = 1) {
      self.name = name
      self.transform = transform
      self.shares = shares
    }
  }

  private var single: [String: RestoredTensor.Piece] = [:]
  private var stacks: [String: [Int: RestoredTensor.Piece]] = [:]
  private let configuration: CLIPConfiguration

  /// Starts without tensors.
  ///
  /// - Parameter configuration: of the model.
  public init(_ configuration: CLIPConfiguration) { self.configuration = configuration }

  /// Takes one canonical tensor apart.
  ///
  /// - Parameters:
  ///   - tensor: the model's.
  ///   - parts: what it becomes, in order.
  /// - Throws: `unsupported` where what a tensor was before is not known, `mismatch` where two would have one name or rows cannot be shared.
  public mutating func add(_ tensor: TensorDescriptor, _ parts: [Part]) throws(CheckpointError) {
    let shares = parts.reduce(0) { $0 + $1.shares }
    let rows = tensor.shape.rank > 0 ? tensor.shape[0] : 1
    guard parts.count == 1 || (tensor.shape.rank > 0 && shares > 0 && rows % shares == 0) else {
      throw CheckpointError(
        .mismatch, .clip, subject: tensor.name, "found \(rows) rows, expected a multiple of \(shares)")
    }
    var start = 0
    for part in parts {
      let layout: StridedLayout
      do throws(CheckpointError) {
        let count = rows / shares * part.shares
        guard let shape = parts.count == 1 ? tensor.shape : Shape(checking: [count] + tensor.shape.extents.dropFirst())
        else { throw CheckpointError(.overflow, .clip, "shape \(tensor.shape)") }
        let offset = parts.count == 1 ? 0 : start * tensor.shape.contiguousStrides[0]
        layout = try part.transform.restored(
          shape, tensor.valueType, offset: offset, heads: configuration.heads(of: tensor.name))
        start += count
      } catch {
        throw CheckpointError(
          error.code, .clip, subject: part.name, "cannot be had from \(tensor.name): \(error.detail)")
      }
      let piece = RestoredTensor.Piece(tensor: tensor, layout: layout)
      let previous: RestoredTensor.Piece? =
        if let slice = part.transform.slice {
          stacks[part.name, default: [:]].updateValue(piece, forKey: slice)
        } else {
          single.updateValue(piece, forKey: part.name)
        }
      if let previous {
        throw CheckpointError(
          .mismatch, .clip, subject: part.name, "\(previous.tensor.name) and \(tensor.name) both come from this tensor")
      }
    }
  }

  /// Ends.
  ///
  /// - Returns: all tensors, in no order.
  /// - Throws: `mismatch` for a stack of which parts are missing or differ.
  public func finish() throws(CheckpointError) -> [RestoredTensor] {
    var tensors = single.map { RestoredTensor(name: $0.key, shape: $0.value.layout.shape, pieces: [$0.value]) }
    for (name, slices) in stacks {
      let pieces = slices.sorted { $0.key < $1.key }
      guard let first = pieces.first?.value.layout, single[name] == nil, pieces.map(\.key) == Array(0..<pieces.count),
        pieces.allSatisfy({ $0.value.layout.shape == first.shape && $0.value.layout.type == first.type }),
        let shape = Shape(checking: [pieces.count] + first.shape.extents)
      else {
        throw CheckpointError(
          .mismatch, .clip, subject: name, "is a stack, of which parts are missing or of different shapes or types")
      }
      tensors.append(RestoredTensor(name: name, shape: shape, pieces: pieces.map(\.value)))
    }
    return tensors
  }
}

extension CLIPConfiguration {
  /// Attention heads of the tower that a canonical tensor belongs to.
  fileprivate func heads(of name: String) -> Int? {
    if name.hasPrefix("text.") { return text?.transformer.heads }
    if case .transformer(let vision) = vision, name.hasPrefix("vision.") { return vision.transformer.heads }
    return nil
  }
}

extension KeyMapping.Part {
  /// The part under the name that a checkpoint really has for it.
  ///
  /// - Parameter name: with whatever stands before the key.
  /// - Returns: what a canonical tensor is taken apart into.
  public func restoring(as name: String) -> TensorRestorer.Part {
    TensorRestorer.Part(name: name, transform: transform, shares: shares)
  }
}
