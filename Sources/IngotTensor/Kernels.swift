// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to the C kernels. Each function checks that its arguments cover what the kernel will touch;
// the kernels themselves check nothing. Formats/numerics.md specifies what they compute.

internal import CIngotKernels
import IngotBytes

extension Activation {
  fileprivate var code: Int32 {
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

/// Lets a pointer cross into the parts of one parallel loop, which write to disjoint places and end before the pointer does.
private struct Shared<T>: @unchecked Sendable {
  let pointer: T
}

/// What a product adds its results to.
public enum Residual: Sendable {
  /// Nothing: results replace what was there.
  case none
  /// The target's own values, as in `x = x + f(x)`.
  case target
}

extension Compute {
  /// Multiplies rows by weights: `c[r, j] = c₀ + activation(scale[j] · Σₖ a[r, k] · w[j, k] + bias[j])`.
  ///
  /// - Parameters:
  ///   - a: `[rows, weights.inputs]`.
  ///   - weights: int8 scales are applied here; they need not be passed.
  ///   - scale: `[weights.outputs]` or empty for none; multiplied with int8 scales.
  ///   - bias: `[weights.outputs]` or empty for none.
  ///   - activation: applied after the bias.
  ///   - residual: whether `c₀` is zero or the target's own value.
  ///   - c: `[at least firstRow + rows, weights.outputs]`.
  ///   - firstRow: the row of `c` that the first row of results goes to.
  /// - Throws: what reading the weights throws.
  public func product<R: Real>(
    _ a: Matrix<R>, _ weights: WeightMatrix, scale: [R] = [], bias: [R] = [], activation: Activation = .identity,
    residual: Residual = .none, into c: inout Matrix<R>, at firstRow: Int = 0
  ) throws {
    precondition(a.columns == weights.inputs && c.columns == weights.outputs, "shapes agree")
    precondition(firstRow >= 0 && firstRow + a.rows <= c.rows, "results fit")
    precondition(scale.isEmpty || scale.count == weights.outputs, "one scale for each output")
    precondition(bias.isEmpty || bias.count == weights.outputs, "one bias for each output")
    var scales = scale
    if !weights.scales.isEmpty {
      scales = weights.scales.indices.map { R(weights.scales[$0]) * (scale.isEmpty ? 1 : scale[$0]) }
    }
    let rows = a.rows
    let outputs = weights.outputs
    let inputs = weights.inputs
    try weights.withBytes { bytes in
      precondition(bytes.byteCount >= outputs * inputs * weights.storedType.byteCount, "weights cover the product")
      // SAFETY: all pointers are valid for the counts checked above and used only within these closures. Parts of the parallel
      // loop write disjoint rows or columns of c.
      unsafe bytes.withUnsafeBytes { stored in
        unsafe a.values.withUnsafeBufferPointer { a in
          unsafe scales.withUnsafeBufferPointer { scales in
            unsafe bias.withUnsafeBufferPointer { bias in
              unsafe c.values.withUnsafeMutableBufferPointer { c in
                let target = unsafe c.baseAddress.map { unsafe $0 + firstRow * outputs }
                let call = unsafe Shared(
                  pointer: ingot_product(
                    a: a.baseAddress, a_stride: inputs, weights: stored.baseAddress,
                    weight_stride: weights.layout == .outputMajor ? inputs : outputs,
                    weight_type: weights.storedType.weightCode,
                    weight_layout: weights.layout == .outputMajor
                      ? Int32(INGOT_OUTPUT_MAJOR) : Int32(INGOT_INPUT_MAJOR),
                    inputs: inputs, outputs: outputs, scale: scales.isEmpty ? nil : scales.baseAddress,
                    bias: bias.isEmpty ? nil : bias.baseAddress,
                    residual: residual == .target ? UnsafePointer(target) : nil, residual_stride: outputs,
                    activation: activation.code, c: target, c_stride: outputs))
                unsafe run(call, R.self, rows: rows)
              }
            }
          }
        }
      }
    }
  }

  /// Splits a product over threads: by columns, so that each weight is widened once, or by rows where there are few columns.
  private func run<R: Real>(_ call: Shared<ingot_product>, _: R.Type, rows: Int) {
    let panels = unsafe (call.pointer.outputs + Int(INGOT_PANEL) - 1) / Int(INGOT_PANEL)
    let scratch = unsafe ingot_product_scratch(call.pointer.inputs)
    let path = path.code
    let byColumns = panels >= 4 * threads || rows < 2 * threads
    split(byColumns ? panels : rows) { part in
      // SAFETY: the scratch is as large as the kernel asks for and lives through the call.
      unsafe withUnsafeTemporaryAllocation(of: R.self, capacity: scratch) { scratch in
        var product = unsafe call.pointer
        unsafe ingot_product_run(
          path, R.precision.code, &product, byColumns ? 0 : part.lowerBound, byColumns ? rows : part.upperBound,
          byColumns ? part.lowerBound : 0, byColumns ? part.upperBound : panels, scratch.baseAddress)
      }
    }
  }

  /// Scaled dot-product attention: `softmax(q · kᵀ / √headWidth) · v` for each sequence and head.
  ///
  /// - Parameters:
  ///   - attention: the sizes.
  ///   - q: has the queries from column `queryColumn` on.
  ///   - k: has the keys from column `keyColumn` on.
  ///   - v: has the values from column `valueColumn` on; may be the same matrix as the others.
  ///   - out: `[sequences × queries, heads × headWidth]`.
  public func attention<R: Real>(
    _ attention: Attention, q: Matrix<R>, k: Matrix<R>, v: Matrix<R>, into out: inout Matrix<R>
  ) {
    let width = attention.heads * attention.headWidth
    precondition(
      attention.queryColumn + width <= q.columns && q.rows == attention.sequences * attention.queries, "queries")
    precondition(k.columns == v.columns && k.rows == v.rows, "keys and values")
    precondition(
      attention.sequences == 1 ? attention.keys <= k.rows : k.rows == attention.sequences * attention.keys, "keys")
    precondition(max(attention.keyColumn, attention.valueColumn) + width <= k.columns, "keys and values")
    precondition(out.columns == width && out.rows == attention.sequences * attention.queries, "results")
    precondition(!attention.isCausal || attention.queries == attention.keys, "causal attention is square")
    let items = attention.sequences * attention.heads
    let scratch = ingot_attention_scratch(attention.queries, attention.keys, attention.headWidth)
    let path = path.code
    // SAFETY: all pointers are valid for the counts checked above and used only within these closures. Parts of the parallel loop
    // write the columns of different heads or the rows of different sequences.
    unsafe q.values.withUnsafeBufferPointer { q_ in
      unsafe k.values.withUnsafeBufferPointer { k_ in
        unsafe v.values.withUnsafeBufferPointer { v_ in
          unsafe out.values.withUnsafeMutableBufferPointer { out in
            guard let qBase = q_.baseAddress, let kBase = k_.baseAddress, let vBase = v_.baseAddress, items > 0 else {
              return
            }
            let call = unsafe Shared(
              pointer: ingot_attention(
                q: qBase + attention.queryColumn, k: kBase + attention.keyColumn, v: vBase + attention.valueColumn,
                out: out.baseAddress, q_stride: q.columns, kv_stride: k.columns, out_stride: width,
                q_batch: q.columns * attention.queries, kv_batch: k.columns * attention.keys,
                out_batch: width * attention.queries, heads: attention.heads, head_width: attention.headWidth,
                queries: attention.queries, keys: attention.keys, causal: attention.isCausal ? 1 : 0))
            split(items) { part in
              unsafe withUnsafeTemporaryAllocation(of: R.self, capacity: scratch) { scratch in
                var attention = unsafe call.pointer
                unsafe ingot_attention_run(
                  path, R.precision.code, &attention, part.lowerBound, part.upperBound, scratch.baseAddress)
              }
            }
          }
        }
      }
    }
  }

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
    let path = path.code
    // SAFETY: all pointers are valid for the counts checked above; parts write disjoint rows.
    unsafe x.values.withUnsafeBufferPointer { x_ in
      unsafe gain.withUnsafeBufferPointer { gain in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe out.values.withUnsafeMutableBufferPointer { out in
            guard let from = x_.baseAddress, let to = out.baseAddress else { return }
            let call = unsafe Shared(pointer: (from, to, gain.baseAddress, bias.baseAddress))
            split(x.rows) { rows in
              unsafe ingot_layer_norm(
                path, R.precision.code, call.pointer.0 + rows.lowerBound * width,
                call.pointer.1 + rows.lowerBound * width,
                call.pointer.2, call.pointer.3, rows.count, width, epsilon)
            }
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

  /// Copies windows of an image into rows, in the order (channel, row, column) of convolution weights; outside is zero.
  ///
  /// - Parameters:
  ///   - windows: the geometry.
  ///   - range: which windows, row by row of the result image.
  ///   - image: `[height × width, channels]`.
  ///   - out: `[range.count, kernel × kernel × channels]`.
  public func gather<R: Real>(
    _ windows: Windows, _ range: Range<Int>, of image: ArraySlice<R>, into out: inout Matrix<R>
  ) {
    precondition(image.count == windows.height * windows.width * windows.channels, "the image has its size")
    precondition(range.lowerBound >= 0 && range.upperBound <= windows.count, "windows of the image")
    precondition(
      out.rows == range.count && out.columns == windows.kernel * windows.kernel * windows.channels, "one row a window")
    // SAFETY: image and result are as large as the kernel will touch, as just checked; parts write disjoint rows.
    unsafe image.withUnsafeBufferPointer { image in
      unsafe out.values.withUnsafeMutableBufferPointer { rows in
        guard let first = rows.baseAddress else { return }
        let call = unsafe Shared(
          pointer: (
            ingot_windows(
              image: image.baseAddress, height: windows.height, width: windows.width, channels: windows.channels,
              kernel: windows.kernel, stride: windows.stride, padding: windows.padding,
              output_width: windows.outputWidth), first
          ))
        let columns = out.columns
        split(range.count) { part in
          var geometry = unsafe call.pointer.0
          unsafe ingot_gather_windows(
            R.precision.code, &geometry, range.lowerBound + part.lowerBound, range.lowerBound + part.upperBound,
            call.pointer.1 + part.lowerBound * columns)
        }
      }
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
