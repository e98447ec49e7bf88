// SPDX-License-Identifier: Apache-2.0

internal import CIngotKernels
import IngotBytes

/// The weights of one product, in the type they are stored in.
///
/// The first product packs them for the kernels; the mapped file is not read again afterwards.
public struct WeightMatrix: Sendable {
  /// The order in which weights are stored.
  public enum Layout: String, Sendable {
    /// `[outputs, inputs…]`, as PyTorch's `Linear` and convolutions.
    case outputMajor
    /// `[inputs, outputs]`, as OpenAI's `text_projection` and `visual.proj`.
    case inputMajor
  }

  /// Outputs that the kernels keep together: a part of the outputs can be computed alone where it begins at a multiple of this.
  public static let panel = Int(INGOT_PANEL)

  /// How many numbers each row of results has.
  public let outputs: Int
  /// How many products are summed for each result.
  public let inputs: Int
  /// The order in which weights are stored.
  public let layout: Layout
  /// The type that the kernels take: int8 or a floating-point type of at least 16 bits; float32 for integers in groups, which are widened.
  public let storedType: ElementType
  /// For int8, the scale of each output; else empty.
  public let scales: [Float]
  /// What products do with their activations: `float32` unless the weights are int8.
  public let activations: ActivationEncoding
  let panels = PackedPanels()
  private let storage: TensorStorage

  /// Takes a tensor as weights.
  ///
  /// - Parameters:
  ///   - tensor: rank 2 or more for `outputMajor`, rank 2 for `inputMajor`.
  ///   - checkpoint: what holds it; kept alive by the result.
  ///   - layout: the order in which weights are stored.
  ///   - activations: what products do with their activations where the weights are int8.
  /// - Throws: `unsupported` for a type that is neither integers with scales along the outputs nor a floating-point type of 16 bits or more,
  ///   `mismatch` for a rank that does not fit.
  public init(
    _ tensor: TensorDescriptor, in checkpoint: any Checkpoint, layout: Layout,
    activations: ActivationEncoding = .float32
  ) throws {
    let shape = tensor.shape
    guard layout == .outputMajor ? shape.rank >= 2 : shape.rank == 2 else {
      throw CheckpointError(
        .mismatch, .tensor, subject: tensor.name, "weights need two dimensions or more, found \(shape)")
    }
    switch layout {
    case .outputMajor:
      outputs = shape[0]
      inputs = shape[0] == 0 ? 0 : shape.elementCount / shape[0]
    case .inputMajor:
      inputs = shape[0]
      outputs = shape[1]
    }
    self.layout = layout
    storage = try TensorStorage(tensor, in: checkpoint)
    switch tensor.encoding {
    case .plain:
      guard tensor.type.isComputable else {
        throw CheckpointError(
          .unsupported, .tensor, subject: tensor.name,
          "inference takes F16, BF16, F32 or F64 weights, found \(tensor.type.rawValue)")
      }
      storedType = tensor.type
      scales = []
      self.activations = .float32
    case .int8PerChannel(let axis):
      let outputAxis = layout == .outputMajor ? 0 : 1
      guard axis == outputAxis, let start = tensor.encoding.scaleOffset(of: shape) else {
        throw CheckpointError(
          .unsupported, .tensor, subject: tensor.name,
          "int8 scales run along axis \(axis), inference needs axis \(outputAxis)")
      }
      storedType = .int8
      self.activations = activations
      let count = outputs
      scales = try storage.withBytes { [Float](littleEndianBytes: $0.extracting(start..<start + count * 4)) }
    case .grouped(_, let axis, _):
      let outputAxis = layout == .outputMajor ? 0 : 1
      guard axis == outputAxis else {
        throw CheckpointError(
          .unsupported, .tensor, subject: tensor.name,
          "scales of groups run along axis \(axis), inference needs axis \(outputAxis)")
      }
      storedType = .float32
      scales = []
      self.activations = .float32
    }
  }

  /// The name of the tensor that the weights are.
  var name: String { storage.descriptor.name }

  /// Tells that stored values are not needed for now.
  func release() { storage.release() }

  /// Lends the values in `storedType`, and perhaps more behind them.
  func withBytes<T>(_ body: (RawSpan) throws -> T) throws -> T {
    guard case .grouped = storage.descriptor.encoding else { return try storage.withBytes(body) }
    let values = try storage.withBytes { restored(storage.descriptor, $0) }
    return try values.withRawSpan(body)
  }
}

extension WeightMatrix {
  /// Takes activations as weights: one output for each row.
  public init<R: Real>(rows: Matrix<R>) {
    outputs = rows.rows
    inputs = rows.columns
    layout = .outputMajor
    storedType = R.precision == .float32 ? .float32 : .float64
    scales = []
    activations = .float32
    storage = TensorStorage(
      named: "activations", type: storedType, shape: Shape(rows.rows, rows.columns),
      bytes: rows.values.withRawSpan { $0.copied() })
  }

  /// Takes rows of integers as weights: one output for each row.
  ///
  /// - Parameters:
  ///   - rows: the integers and their scales.
  ///   - length: numbers in a row.
  ///   - activations: what products do with their activations.
  public init(_ rows: QuantizedRows, length: Int, activations: ActivationEncoding) {
    outputs = rows.scales.count
    inputs = length
    layout = .outputMajor
    storedType = .int8
    scales = rows.scales
    self.activations = activations
    storage = TensorStorage(
      named: "integers", type: .int8, shape: Shape(rows.scales.count, length),
      bytes: rows.bytes.withRawSpan { $0.copied() })
  }
}
