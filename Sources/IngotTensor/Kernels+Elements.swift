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
}
