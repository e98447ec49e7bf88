// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch

/// Pickles and archives made by hand, to be spoiled.
enum Build {
  static func text(_ text: String) -> [UInt8] { [0x58] + le(UInt32(text.utf8.count)) + Array(text.utf8) }
  static func int(_ value: Int32) -> [UInt8] { [0x4a] + le(value) }
  static func long(_ value: Int) -> [UInt8] { [0x8a, 8] + le(Int64(value)) }
  /// Pushes again what the memo has.
  static func put(_ index: UInt8) -> [UInt8] { [0x71, index] }
  static func get(_ index: UInt8) -> [UInt8] { [0x68, index] }
  static func global(_ module: String, _ name: String) -> [UInt8] { [0x63] + Array("\(module)\n\(name)\n".utf8) }
  static func tuple(_ elements: [[UInt8]]) -> [UInt8] { [0x28] + elements.flatMap { $0 } + [0x74] }
  static let emptyDict: [UInt8] = [0x7d]

  /// `('storage', torch.FloatStorage, key, 'cpu', count)` as a persistent identifier.
  static func storage(_ key: String = "0", count: Int32 = 6, type: String = "FloatStorage") -> [UInt8] {
    tuple([text("storage"), global("torch", type), text(key), text("cpu"), int(count)]) + [0x51]
  }

  /// A call of `_rebuild_tensor_v2(storage, offset, size, stride, False, OrderedDict())`.
  static func tensor(
    _ storage: [UInt8] = storage(), offset: Int32 = 0, size: [Int32] = [2, 3], stride: [Int32] = [3, 1]
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2")
      + tuple([
        storage, int(offset), tuple(size.map(int)), tuple(stride.map(int)), [0x89],
        global("collections", "OrderedDict") + [0x29, 0x52],
      ]) + [0x52]
  }

  /// A dict, `{'weight': value, …}`.
  static func pickle(_ values: [[UInt8]]) -> [UInt8] {
    [0x80, 2] + emptyDict + [0x28]
      + values.enumerated().flatMap { text($0 == 0 ? "weight" : "weight\($0)") + $1 } + [0x75, 0x2e]
  }

  /// An archive around a pickle, with one storage of six floats.
  static func archive(
    _ pickle: [UInt8], storage: [UInt8]? = [UInt8](repeating: 7, count: 24), extra: [(String, [UInt8])] = []
  ) -> ZipBuilder {
    var members = [ZipBuilder.Member("model/data.pkl", pickle)]
    members += extra.map { ZipBuilder.Member($0.0, $0.1) }
    if let storage { members.append(ZipBuilder.Member("model/data/0", storage)) }
    members.append(ZipBuilder.Member("model/version", Array("3\n".utf8)))
    return ZipBuilder(members)
  }

  /// Opens an archive and reads every tensor.
  static func read(
    _ zip: ZipBuilder, _ policy: TorchCheckpoint.Policy = TorchCheckpoint.Policy()
  ) throws -> (TorchCheckpoint, [String: [UInt8]]) {
    try read(zip.bytes(), policy)
  }

  static func read(
    _ bytes: [UInt8], _ policy: TorchCheckpoint.Policy = TorchCheckpoint.Policy()
  ) throws -> (TorchCheckpoint, [String: [UInt8]]) {
    let folder = try TemporaryFolder()
    let checkpoint = try TorchCheckpoint(MappedFile(path: folder.write(bytes, to: "model.pt")), policy: policy)
    var contents: [String: [UInt8]] = [:]
    for tensor in checkpoint.tensors { contents[tensor.name] = try checkpoint.withBytes(of: tensor) { $0.copied() } }
    return (checkpoint, contents)
  }
}
