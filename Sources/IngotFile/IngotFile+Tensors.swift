// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

extension IngotFile {
  /// Finds a tensor by binary search.
  ///
  /// - Complexity: O(log n) comparisons of names.
  public func tensor(named name: String) -> TensorDescriptor? {
    recordNumber(named: name).map(descriptor)
  }

  /// The digest of a tensor's bytes that the file holds; `nil` for a tensor that is not of this file.
  public func storedDigest(of tensor: TensorDescriptor) -> SHA256Digest? {
    recordNumber(of: tensor).map { record($0).digest }
  }

  /// Lends the tensor's bytes as they lie in the file, at a multiple of 64: values, and scales where the encoding has them.
  ///
  /// Their digest is not checked: see `withVerifiedBytes` and `verifyIntegrity`.
  ///
  /// - Parameters:
  ///   - tensor: one of `tensors`.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  /// - Throws: `missing` for a tensor that is not of this file, and what `body` throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    try body(file.bytes(in: payloadRange(try requireNumber(of: tensor))))
  }

  /// Lends the tensor's bytes after comparing their digest with the one that the file holds: for whoever writes them elsewhere.
  ///
  /// - Parameters:
  ///   - tensor: one of `tensors`.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  /// - Throws: `corrupt` or `malformed` when the bytes are damaged, `missing` for a tensor that is not of this file, and what `body` throws.
  public func withVerifiedBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    let number = try requireNumber(of: tensor)
    if let fault = payloadDamage(number).first { throw fault }
    return try body(file.bytes(in: payloadRange(number)))
  }

  /// Tells the kernel that the tensor's pages are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    guard let number = recordNumber(of: tensor) else { return }
    file.release(payloadRange(number))
  }
}

extension IngotFile {
  /// A view of one record, checked when the file was opened.
  @_lifetime(borrow self)
  func record(_ number: Int) -> Record {
    Record(file.bytes(in: header.recordRange(number)))
  }

  /// Where a record's name lies.
  func nameRange(_ number: Int) -> Range<Int> {
    let record = record(number)
    let start = header.namesOffset + Int(record.nameOffset)
    return start..<start + record.nameLength
  }

  /// Where a record's payload lies.
  func payloadRange(_ number: Int) -> Range<Int> {
    let record = record(number)
    let start = Int(record.payloadOffset)
    return start..<start + Int(record.payloadLength)
  }

  /// What a record describes.
  func descriptor(_ number: Int) -> TensorDescriptor {
    let record = record(number)
    guard
      let name = file.bytes(in: nameRange(number)).utf8String(),
      let type = ElementType(code: record.typeCode),
      let shape = Shape(checking: Array(record.extents)),
      let encoding = TensorEncoding(code: record.encodingCode, axis: record.axis, groupSize: record.groupSize)
    else { preconditionFailure("checked on opening; somebody changed \(path) in place") }
    return TensorDescriptor(
      name: name, type: type, shape: shape, encoding: encoding, byteCount: Int(record.payloadLength), access: .mapped)
  }

  /// Binary search over the names.
  private func recordNumber(named name: String) -> Int? {
    Array(name.utf8).withRawSpan { wanted in
      var low = 0
      var high = header.recordCount
      while low < high {
        let middle = low + (high - low) / 2
        if file.bytes(in: nameRange(middle)).precedes(wanted) { low = middle + 1 } else { high = middle }
      }
      guard low < header.recordCount, file.bytes(in: nameRange(low)).elementsEqual(wanted) else { return nil }
      return low
    }
  }

  /// The record of a descriptor that this file has given out.
  private func recordNumber(of tensor: TensorDescriptor) -> Int? {
    recordNumber(named: tensor.name).flatMap { descriptor($0) == tensor ? $0 : nil }
  }

  private func requireNumber(of tensor: TensorDescriptor) throws(CheckpointError) -> Int {
    if let number = recordNumber(of: tensor) { return number }
    guard let stored = self.tensor(named: tensor.name) else {
      throw CheckpointError(.missing, .ingot, subject: tensor.name, "\(path) has no tensor of this name")
    }
    throw CheckpointError(
      .missing, .ingot, subject: tensor.name,
      "asked for \(tensor.type.rawValue) \(tensor.shape), \(tensor.encoding.label); "
        + "\(path) has \(stored.type.rawValue) \(stored.shape), \(stored.encoding.label)")
  }
}
