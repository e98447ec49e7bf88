// SPDX-License-Identifier: Apache-2.0

/// The function applied to each result of a product.
public enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
  /// x
  case identity
  /// x · sigmoid(1.702 x): OpenAI's approximation of GELU.
  case quickGELU = "quick-gelu"
  /// x · Φ(x), with the error function: PyTorch's `nn.GELU()`.
  case gelu
  /// x · sigmoid(2√(2/π) (x + 0.044715 x³)): PyTorch's `nn.GELU(approximate="tanh")`.
  case geluTanh = "gelu-tanh"
  /// x · sigmoid(x): PyTorch's `nn.SiLU()`.
  case silu
  /// max(x, 0)
  case relu
}
