// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernels over feature maps with channels last; the rules of Kernels.swift hold here too.

internal import CIngotKernels

/// Lets pointers cross into the parts of one parallel loop, which write to disjoint places and end before the pointers do.
private struct Lent<T>: @unchecked Sendable {
  let pointers: T
}

/// What lies outside an image for a pooling that takes the largest number.
public enum PoolingBorder: String, Sendable, Hashable, Codable {
  /// Nothing: only pixels of the image count.
  case nothing
  /// Zeros, which count.
  case zeros
}

extension Compute {
  /// The largest number of each window of an image; NaN where the window has one.
  ///
  /// - Parameters:
  ///   - windows: the geometry; the padding is smaller than the kernel.
  ///   - image: `[height × width, channels]`.
  ///   - border: what lies outside the image.
  /// - Returns: `[outputHeight × outputWidth, channels]`.
  public func maxPool<R: Real>(_ windows: Windows, of image: ArraySlice<R>, border: PoolingBorder) -> [R] {
    precondition(image.count == windows.height * windows.width * windows.channels, "the image has its size")
    precondition(windows.padding < windows.kernel, "every window sees the image")
    let count = windows.count * windows.channels
    let path = path.code
    // SAFETY: the kernel reads the image within its size, as just checked, and writes exactly `count` numbers; parts write disjoint rows.
    return unsafe [R](unsafeUninitializedCapacity: count) { out, initialized in
      unsafe image.withUnsafeBufferPointer { image in
        let call = unsafe Lent(pointers: (windows.call(image.baseAddress), out.baseAddress))
        split(windows.outputHeight) { rows in
          var geometry = unsafe call.pointers.0
          unsafe ingot_max_pool(
            path, R.precision.code, &geometry, border == .zeros ? 1 : 0, rows.lowerBound, rows.upperBound,
            call.pointers.1)
        }
      }
      initialized = count
    }
  }

  /// Convolves each channel with weights of its own; outside the image is zero.
  ///
  /// - Parameters:
  ///   - windows: the geometry.
  ///   - image: `[height × width, channels]`.
  ///   - weights: `[kernel × kernel, channels]`.
  ///   - bias: `[channels]`, added last; empty for none.
  /// - Returns: `[outputHeight × outputWidth, channels]`; each sum runs over the window's rows and columns in order.
  public func depthwise<R: Real>(_ windows: Windows, of image: ArraySlice<R>, weights: [R], bias: [R]) -> [R] {
    precondition(image.count == windows.height * windows.width * windows.channels, "the image has its size")
    precondition(weights.count == windows.kernel * windows.kernel * windows.channels, "one weight for each tap")
    precondition(bias.isEmpty || bias.count == windows.channels, "one bias for each channel")
    let count = windows.count * windows.channels
    let path = path.code
    // SAFETY: the kernel reads image, weights and bias within their sizes, as just checked, and writes exactly `count` numbers; parts write
    // disjoint rows.
    return unsafe [R](unsafeUninitializedCapacity: count) { out, initialized in
      unsafe image.withUnsafeBufferPointer { image in
        unsafe weights.withUnsafeBufferPointer { weights in
          unsafe bias.withUnsafeBufferPointer { bias in
            let call = unsafe Lent(
              pointers: (
                windows.call(image.baseAddress), weights.baseAddress, bias.isEmpty ? nil : bias.baseAddress,
                out.baseAddress
              ))
            split(windows.outputHeight) { rows in
              var geometry = unsafe call.pointers.0
              unsafe ingot_depthwise(
                path, R.precision.code, &geometry, call.pointers.1, call.pointers.2, rows.lowerBound, rows.upperBound,
                call.pointers.3)
            }
          }
        }
      }
      initialized = count
    }
  }

  /// Normalises groups of neighbouring channels over all pixels of an image to zero mean and unit variance, then scales and shifts.
  ///
  /// - Parameters:
  ///   - x: `[images × pixels, channels]`, finite; in place.
  ///   - images: how many images.
  ///   - groups: divides the channels.
  ///   - gain: `[channels]`.
  ///   - bias: `[channels]`.
  ///   - epsilon: added to the biased variance.
  ///   - activation: `identity` or `relu`.
  public func groupNorm<R: Real>(
    in x: inout Matrix<R>, images: Int, groups: Int, gain: [R], bias: [R], epsilon: Double, activation: Activation
  ) {
    let channels = x.columns
    precondition(
      images > 0 && x.rows % images == 0 && groups > 0 && channels % groups == 0, "groups divide the channels")
    precondition(gain.count == channels && bias.count == channels, "one gain and one bias for each channel")
    precondition(activation == .identity || activation == .relu, "a kernel has these two")
    let pixels = x.rows / images
    let path = path.code
    // SAFETY: x holds images × pixels × channels numbers; parts write different groups, and the scratch is as large as the kernel asks for.
    unsafe x.values.withUnsafeMutableBufferPointer { values in
      unsafe gain.withUnsafeBufferPointer { gain in
        unsafe bias.withUnsafeBufferPointer { bias in
          let call = unsafe Lent(
            pointers: ingot_group_norm(
              x: values.baseAddress, out: values.baseAddress, gain: gain.baseAddress, bias: bias.baseAddress,
              pixels: pixels, channels: channels, groups: groups, epsilon: epsilon, relu: activation == .relu ? 1 : 0))
          split(images * groups) { items in
            unsafe withUnsafeTemporaryAllocation(of: R.self, capacity: max(1, pixels * channels / groups)) { scratch in
              var norm = unsafe call.pointers
              unsafe ingot_group_norm_run(
                path, R.precision.code, &norm, items.lowerBound, items.upperBound, scratch.baseAddress)
            }
          }
        }
      }
    }
  }
}

extension Windows {
  /// The geometry as the kernels take it.
  fileprivate func call(_ image: UnsafeRawPointer?) -> ingot_windows {
    unsafe ingot_windows(
      image: image, height: height, width: width, channels: channels, kernel: kernel, stride: stride, padding: padding,
      output_width: outputWidth)
  }
}
