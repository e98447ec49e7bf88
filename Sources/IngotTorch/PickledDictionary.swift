// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// A pickle that is one dictionary of arrays, numbers and texts, as datasets for Python are distributed; nothing in it is run.
public struct PickledDictionary: Sendable {
  private let checkpoint: TorchCheckpoint
  private let arena: PickleArena
  private let values: [String: PickleArena.Reference]
  private let file: MappedFile

  /// Reads a file that is one pickle.
  ///
  /// - Parameter file: the file; its arrays are lent from it later.
  /// - Throws: `dangerous` when it names executable code, `malformed` when it is no dictionary, and what else is wrong with it.
  public init(_ file: MappedFile) throws(CheckpointError) {
    checkpoint = try TorchCheckpoint(file)
    guard checkpoint.container == .pickle else {
      throw CheckpointError(
        .unsupported, .torchPickle, at: 0, "this is \(checkpoint.container.rawValue), expected one pickle")
    }
    switch PickleMachine.run(file.bytes, subject: "pickle") {
    case .failed(let error, _): throw error
    case .read(let pickle):
      guard let values = pickle.arena.dictionary(pickle.root) else {
        throw CheckpointError(
          .malformed, .torchPickle, at: 0, subject: "pickle",
          "it is a \(pickle.arena.kind(of: pickle.root)), expected a dict")
      }
      arena = pickle.arena
      self.values = values
    }
    self.file = file
  }

  /// The keys that are text, in bytewise order.
  public var keys: [String] { values.keys.sorted() }

  /// The list of whole numbers under a key.
  ///
  /// - Parameter key: the key.
  /// - Returns: the numbers.
  /// - Throws: `missing` when there is no such key, `malformed` when it is no list of whole numbers.
  public func integers(_ key: String) throws(CheckpointError) -> [Int] {
    var integers: [Int] = []
    for (index, element) in try list(key).enumerated() {
      guard let value = arena.int(element) else {
        throw fault(.malformed, key, "element \(index) is a \(arena.kind(of: element)), expected an int")
      }
      integers.append(value)
    }
    return integers
  }

  /// The list of texts under a key.
  ///
  /// - Parameter key: the key.
  /// - Returns: the texts; those of Python 2 are bytes, which must be UTF-8.
  /// - Throws: `missing` when there is no such key, `malformed` when it is no list of texts.
  public func texts(_ key: String) throws(CheckpointError) -> [String] {
    var texts: [String] = []
    for (index, element) in try list(key).enumerated() {
      guard let text = arena.text(element) ?? arena.blob(element).flatMap(text) else {
        throw fault(.malformed, key, "element \(index) is a \(arena.kind(of: element)), expected a text")
      }
      texts.append(text)
    }
    return texts
  }

  /// The array under a key.
  ///
  /// - Parameter key: the key.
  /// - Returns: its type and shape.
  /// - Throws: `missing` when there is no such key, `malformed` when it is no array of numbers.
  public func array(_ key: String) throws(CheckpointError) -> TensorDescriptor {
    let reference = try value(key)
    guard let tensor = checkpoint.tensors.first(where: { $0.name == key }) else {
      throw fault(.malformed, key, "it is a \(arena.kind(of: reference)), expected an array of numbers")
    }
    return tensor
  }

  /// Lends the elements of an array, row-major and little-endian.
  ///
  /// - Throws: what `body` throws.
  public func withBytes<R>(of array: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    try checkpoint.withBytes(of: array, body)
  }

  private func value(_ key: String) throws(CheckpointError) -> PickleArena.Reference {
    guard let reference = values[key] else {
      throw fault(.missing, key, "there is no such key, there are \(keys.prefix(20).joined(separator: ", "))")
    }
    return reference
  }

  private func list(_ key: String) throws(CheckpointError) -> ArraySlice<PickleArena.Reference> {
    let reference = try value(key)
    guard let elements = arena.sequence(reference) else {
      throw fault(.malformed, key, "it is a \(arena.kind(of: reference)), expected a list")
    }
    return elements
  }

  private func text(_ blob: PickleBlob) -> String? {
    blob.bytes(in: file.bytes).flatMap { String(validating: $0, as: UTF8.self) }
  }

  private func fault(_ code: CheckpointError.Code, _ key: String, _ detail: String) -> CheckpointError {
    CheckpointError(code, .torchPickle, subject: key, detail)
  }
}
