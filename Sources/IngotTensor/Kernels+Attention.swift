// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernel of attention; the rules of Kernels.swift hold here too.

internal import CIngotKernels

extension Compute {
  /// Scaled dot-product attention: `softmax(q · kᵀ / √headWidth) · v` for each sequence and head.
  ///
  /// - Parameters:
  ///   - attention: the sizes.
  ///   - q: has the queries from column `queryColumn` on.
  ///   - k: has the keys from column `keyColumn` on.
  ///   - v: has the values from column `valueColumn` on; may be the same matrix as the others.
  ///   - out: `[queries of all sequences, heads × headWidth]`.
  public func attention<R: Real>(
    _ attention: Attention, q: Matrix<R>, k: Matrix<R>, v: Matrix<R>, into out: inout Matrix<R>
  ) {
    let width = attention.width
    let sequences = attention.sequences
    precondition(
      attention.queryColumn + width <= q.columns && q.rows == attention.queryStarts[sequences], "queries")
    precondition(k.columns == v.columns && k.rows == v.rows, "keys and values")
    for sequence in 0..<sequences {
      precondition(attention.keyStarts[sequence] + attention.visible[sequence] <= k.rows, "keys and values")
    }
    precondition(max(attention.keyColumn, attention.valueColumn) + width <= k.columns, "keys and values")
    precondition(out.columns == width && out.rows == q.rows, "results")
    guard sequences > 0, width > 0 else { return }
    // SAFETY: all pointers are valid for the counts checked above and used only within these closures; on this platform Int and size_t
    // are alike, and no count is negative.
    unsafe attention.queryStarts.withUnsafeBytes { queryStarts in
      unsafe attention.keyStarts.withUnsafeBytes { keyStarts in
        unsafe attention.visible.withUnsafeBytes { visible in
          unsafe q.values.withUnsafeBufferPointer { q_ in
            unsafe k.values.withUnsafeBufferPointer { k_ in
              unsafe v.values.withUnsafeBufferPointer { v_ in
                unsafe out.values.withUnsafeMutableBufferPointer { out in
                  guard let qBase = q_.baseAddress, let kBase = k_.baseAddress, let vBase = v_.baseAddress else {
                    return
                  }
                  var call = unsafe ingot_attention(
                    q: qBase + attention.queryColumn, k: kBase + attention.keyColumn,
                    v: vBase + attention.valueColumn, out: out.baseAddress, q_stride: q.columns, kv_stride: k.columns,
                    out_stride: width, heads: attention.heads, head_width: attention.headWidth,
                    query_starts: queryStarts.bindMemory(to: Int.self).baseAddress,
                    key_starts: keyStarts.bindMemory(to: Int.self).baseAddress,
                    visible: visible.bindMemory(to: Int.self).baseAddress, most_keys: attention.mostKeys,
                    causal: attention.isCausal ? 1 : 0)
                  unsafe workers.use { pool in
                    unsafe ingot_run_attention(pool, path.code, R.precision.code, &call, sequences)
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
