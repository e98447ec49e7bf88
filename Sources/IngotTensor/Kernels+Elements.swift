// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernels that work element by element; the rules of Kernels.swift hold here too. They are C because a generic function
// that is called from another module is not specialised, and then each element costs more than a product's row.

internal import CIngotKernels

extension Compute {
  /// Adds numbers in place: `x[i] = x[i] + y[i]`.
  public func add<R: Real>(_ y: Matrix<R>, to x: inout Matrix<R>) {
    unsafe combine(y, into: &x) { unsafe ingot_add($0, $1, $2, $3, $4) }
  }

  /// Multiplies numbers in place: `x[i] = x[i] · y[i]`.
  public func multiply<R: Real>(_ x: inout Matrix<R>, by y: Matrix<R>) {
    unsafe combine(y, into: &x) { unsafe ingot_multiply($0, $1, $2, $3, $4) }
  }

  private func combine<R: Real>(
    _ y: Matrix<R>, into x: inout Matrix<R>,
    _ kernel: (Int32, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int) -> Void
  ) {
    precondition(x.rows == y.rows && x.columns == y.columns, "as many numbers")
    // SAFETY: both buffers have as many numbers, as just checked.
    unsafe x.values.withUnsafeMutableBufferPointer { x in
      unsafe y.values.withUnsafeBufferPointer { y in
        unsafe kernel(R.precision.code, x.baseAddress, y.baseAddress, x.baseAddress, y.count)
      }
    }
  }

  /// Brings the numbers of one image from `[channels, area]` to `[area, channels]`.
  ///
  /// - Parameters:
  ///   - planes: `channels × area` numbers.
  ///   - channels: how many planes.
  /// - Returns: as many numbers.
  public func channelsLast<R: Real>(_ planes: ArraySlice<Float>, channels: Int) -> [R] {
    let count = planes.count
    precondition(channels > 0 && count % channels == 0, "whole planes")
    // SAFETY: the kernel reads and writes `count` numbers.
    return unsafe [R](unsafeUninitializedCapacity: count) { out, initialized in
      unsafe planes.withUnsafeBufferPointer { planes in
        unsafe ingot_channels_last(R.precision.code, planes.baseAddress, channels, count / channels, out.baseAddress)
      }
      initialized = count
    }
  }

  /// The mean of rows, summed one after the other and divided once.
  ///
  /// - Parameters:
  ///   - x: rows of `columns` numbers, one after the other; at least one.
  ///   - columns: how many numbers a row has.
  /// - Returns: `[columns]`.
  public func averageRows<R: Real>(_ x: ArraySlice<R>, columns: Int) -> [R] {
    precondition(columns > 0 && !x.isEmpty && x.count % columns == 0, "whole rows")
    let rows = x.count / columns
    // SAFETY: the kernel reads rows × columns numbers and writes `columns`.
    return unsafe [R](unsafeUninitializedCapacity: columns) { out, initialized in
      unsafe x.withUnsafeBufferPointer { x in
        unsafe ingot_average_rows(R.precision.code, x.baseAddress, rows, columns, out.baseAddress)
      }
      initialized = columns
    }
  }

  /// Multiplies each column of some rows by a factor of its own: `x[r, c] = x[r, c] · factors[c]`.
  public func scaleColumns<R: Real>(_ x: inout Matrix<R>, rows: Range<Int>, by factors: ArraySlice<R>) {
    let columns = x.columns
    precondition(rows.lowerBound >= 0 && rows.upperBound <= x.rows && factors.count == columns, "a factor a column")
    // SAFETY: the rows are within the buffer, as just checked.
    unsafe x.values.withUnsafeMutableBufferPointer { x in
      unsafe factors.withUnsafeBufferPointer { factors in
        guard let base = x.baseAddress else { return }
        unsafe ingot_scale_columns(
          R.precision.code, base + rows.lowerBound * columns, rows.count, columns, factors.baseAddress)
      }
    }
  }

  /// Turns pairs of neighbouring numbers: `(a, b)` becomes `(a cos − b sin, b cos + a sin)`.
  ///
  /// - Parameters:
  ///   - x: the first `groups × 2 × pairs` columns are turned.
  ///   - rows: which rows.
  ///   - groups: how many groups of pairs lie side by side; all are turned by the same angles.
  ///   - pairs: pairs of a group.
  ///   - cosines: `[rows.count, pairs]`.
  ///   - sines: as many.
  public func rotatePairs<R: Real>(
    _ x: inout Matrix<R>, rows: Range<Int>, groups: Int, pairs: Int, cosines: [R], sines: [R]
  ) {
    let columns = x.columns
    precondition(rows.lowerBound >= 0 && rows.upperBound <= x.rows, "rows of the matrix")
    precondition(groups >= 0 && pairs >= 0 && groups * 2 * pairs <= columns, "columns of the matrix")
    precondition(cosines.count == rows.count * pairs && sines.count == cosines.count, "an angle for each pair")
    // SAFETY: rows, columns and angles are as many as the kernel touches, as just checked.
    unsafe x.values.withUnsafeMutableBufferPointer { x in
      unsafe cosines.withUnsafeBufferPointer { cosines in
        unsafe sines.withUnsafeBufferPointer { sines in
          guard let base = x.baseAddress else { return }
          unsafe ingot_rotate_pairs(
            R.precision.code, base + rows.lowerBound * columns, columns, rows.count, groups, pairs, cosines.baseAddress,
            sines.baseAddress)
        }
      }
    }
  }
}
