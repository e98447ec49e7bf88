// SPDX-License-Identifier: Apache-2.0

internal import CIngotKernels

/// The type of activations and sums: `Float` for inference, `Double` for the reference that shows float32's own error.
public protocol Real: BinaryFloatingPoint, BitwiseCopyable, Sendable where Self.Stride == Self {
  /// Which kernels compute with this type.
  static var precision: Precision { get }

  /// The same numbers as float32, each rounded to nearest even: without a look at each where they are so already.
  static func single(_ values: [Self]) -> [Float]

  /// Numbers of float32, exactly.
  static func exactly(_ values: [Float]) -> [Self]

  /// So many zeros.
  ///
  /// Generic code fills an array number by number through a table of functions, which took a tenth of the time that a small model takes; where
  /// the type is known it is one run over memory.
  ///
  /// - Parameter count: how many, not negative.
  /// - Returns: an array of them.
  static func zeros(_ count: Int) -> [Self]
}

/// The precision of activations and sums.
public enum Precision: String, Sendable, CaseIterable {
  /// IEEE binary32.
  case float32
  /// IEEE binary64.
  case float64

  /// The kernels' code.
  var code: Int32 {
    switch self {
    case .float32: Int32(INGOT_FLOAT32)
    case .float64: Int32(INGOT_FLOAT64)
    }
  }
}

extension Float: Real {
  /// Float32 kernels.
  public static var precision: Precision { .float32 }

  /// The numbers themselves.
  public static func single(_ values: [Float]) -> [Float] { values }

  /// The numbers themselves.
  public static func exactly(_ values: [Float]) -> [Float] { values }

  /// So many zeros.
  public static func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
}

extension Double: Real {
  /// Float64 kernels.
  public static var precision: Precision { .float64 }

  /// The numbers rounded.
  public static func single(_ values: [Double]) -> [Float] { values.map { Float($0) } }

  /// The numbers widened.
  public static func exactly(_ values: [Float]) -> [Double] { values.map { Double($0) } }

  /// So many zeros.
  public static func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
}
