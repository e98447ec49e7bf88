// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to the C kernels. Each function checks that its arguments cover what the kernel will touch;
// the kernels themselves check nothing. Formats/numerics.md specifies what they compute.

internal import CIngotKernels
import IngotBytes

extension Activation {
  /// The kernels' code of an activation.
  var code: Int32 {
    switch self {
    case .identity: Int32(INGOT_IDENTITY)
    case .quickGELU: Int32(INGOT_QUICK_GELU)
    case .gelu: Int32(INGOT_GELU)
    case .geluTanh: Int32(INGOT_GELU_TANH)
    case .silu: Int32(INGOT_SILU)
    case .relu: Int32(INGOT_RELU)
    }
  }
}

extension ElementType {
  /// The kernels' code of a weight type.
  var weightCode: Int32 {
    switch self {
    case .float32: Int32(INGOT_WEIGHT_F32)
    case .float16: Int32(INGOT_WEIGHT_F16)
    case .bfloat16: Int32(INGOT_WEIGHT_BF16)
    case .float64: Int32(INGOT_WEIGHT_F64)
    case .int8: Int32(INGOT_WEIGHT_I8)
    default: preconditionFailure("a weight type")
    }
  }
}

extension Compute {
  /// Normalises each row to zero mean and unit variance, then scales and shifts.
  ///
  ///     y[r, c] = (x[r, c] − mean(x[r])) / sqrt(var(x[r]) + epsilon) · gain[c] + bias[c]
  ///
  /// - Parameters:
  ///   - x: `[rows, width]`, finite.
  ///   - gain: `[width]`.
  ///   - bias: `[width]`.
  ///   - epsilon: added to the biased variance; OpenAI's CLIP uses 1e-5.
  ///   - out: `[rows, width]`.
  public func layerNorm<R: Real>(
    _ x: Matrix<R>, gain: [R], bias: [R], epsilon: Double, into out: inout Matrix<R>
  ) {
    let width = x.columns
    precondition(
      gain.count == width && bias.count == width && out.rows == x.rows && out.columns == width, "shapes agree")
    let rows = x.rows
    // SAFETY: all pointers are valid for the counts checked above.
    unsafe x.values.withUnsafeBufferPointer { x in
      unsafe gain.withUnsafeBufferPointer { gain in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe out.values.withUnsafeMutableBufferPointer { out in
            guard rows > 0 else { return }
            unsafe workers.use { pool in
              unsafe ingot_run_layer_norm(
                pool, path.code, R.precision.code, x.baseAddress, out.baseAddress, gain.baseAddress, bias.baseAddress,
                rows, width, epsilon)
            }
          }
        }
      }
    }
  }

  /// As `layerNorm`, with the result in place of what was normalised.
  public func layerNorm<R: Real>(in x: inout Matrix<R>, gain: [R], bias: [R], epsilon: Double) {
    let rows = x.rows
    let width = x.columns
    precondition(gain.count == width && bias.count == width, "shapes agree")
    // SAFETY: all pointers are valid for the counts checked above; the kernel may write where it reads.
    unsafe gain.withUnsafeBufferPointer { gain in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe x.values.withUnsafeMutableBufferPointer { x in
          guard rows > 0 else { return }
          unsafe workers.use { pool in
            unsafe ingot_run_layer_norm(
              pool, path.code, R.precision.code, x.baseAddress, x.baseAddress, gain.baseAddress, bias.baseAddress,
              rows, width, epsilon)
          }
        }
      }
    }
  }

  /// Divides each row by its Euclidean length.
  public func l2Normalize<R: Real>(_ x: inout Matrix<R>) {
    let rows = x.rows
    let columns = x.columns
    // SAFETY: the buffer holds rows × columns numbers.
    unsafe x.values.withUnsafeMutableBufferPointer { buffer in
      unsafe ingot_l2_normalize(path.code, R.precision.code, buffer.baseAddress, buffer.baseAddress, rows, columns)
    }
  }

  /// Applies an activation to each number.
  public func activate<R: Real>(_ activation: Activation, _ x: inout Matrix<R>) {
    // SAFETY: the buffer holds `count` numbers.
    unsafe x.values.withUnsafeMutableBufferPointer { buffer in
      unsafe ingot_activate(
        path.code, R.precision.code, activation.code, buffer.baseAddress, buffer.baseAddress, buffer.count)
    }
  }

  /// The mean of each `size × size` window of an image with channels last; rows and columns that do not fill a window are left out.
  public func averagePool<R: Real>(_ image: ArraySlice<R>, height: Int, width: Int, channels: Int, size: Int) -> [R] {
    precondition(image.count == height * width * channels && size > 0, "the image has its size")
    let count = (height / size) * (width / size) * channels
    // SAFETY: the kernel writes exactly `count` numbers.
    return unsafe [R](unsafeUninitializedCapacity: count) { out, initialized in
      unsafe image.withUnsafeBufferPointer { image in
        unsafe ingot_average_pool(R.precision.code, image.baseAddress, height, width, channels, size, out.baseAddress)
      }
      initialized = count
    }
  }
}

extension Windows {
  /// The kernels' description of the windows of an image.
  func geometry(of image: UnsafeRawPointer?) -> ingot_windows {
    unsafe ingot_windows(
      image: image, height: height, width: width, channels: channels, kernel: kernel, stride: stride, padding: padding,
      output_width: outputWidth)
  }
}
