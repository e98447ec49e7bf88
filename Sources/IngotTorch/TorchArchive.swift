// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTensor

/// The zip archive of PyTorch 1.6 and later.
struct TorchArchive {
  let archive: ZipArchive
  /// The folder that holds `data.pkl`, with its slash; empty at the top.
  let folder: String

  /// Finds the longest folder that all members share.
  ///
  /// - Throws: `unsupported` when there is no `data.pkl`, saying what the archive is instead; `malformed` when there are several.
  init(_ archive: ZipArchive) throws(CheckpointError) {
    self.archive = archive
    let names = archive.entries.filter { !$0.isFolder }.map(\.name)
    let pickles = names.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first else {
      throw CheckpointError(
        .unsupported, .torchPickle,
        OtherArchive.meaning(of: names).map { "this is \($0)" }
          ?? "a zip archive of \(names.count) members without data.pkl, so not PyTorch's (\(names.prefix(3).joined(separator: ", ")))"
      )
    }
    guard pickles.count == 1 else {
      throw CheckpointError(
        .malformed, .torchPickle, subject: "data.pkl", "found \(pickles.count) members of this name, expected one")
    }
    let root = String(pickle.dropLast("data.pkl".count))
    if let outside = names.first(where: { !$0.hasPrefix(root) }) {
      throw CheckpointError(.malformed, .torchPickle, subject: outside, "lies outside the folder of data.pkl, \(root)")
    }
    folder = root
  }

  var container: TorchCheckpoint.Container {
    archive.entry(named: folder + "constants.pkl") == nil ? .torchZip : .torchScript
  }

  /// A member's place and size, of at most `limit` bytes.
  func member(_ name: String, limit: Int) throws(CheckpointError) -> ZipEntry {
    guard let entry = archive.entry(named: folder + name) else {
      throw CheckpointError(.missing, .torchPickle, subject: name, "no such member in the archive")
    }
    guard entry.size <= limit else {
      throw CheckpointError(
        .limit, .torchPickle, at: entry.payload.lowerBound, subject: name,
        "has \(entry.size) bytes, allowed are \(limit)")
    }
    return entry
  }

  var hasByteOrder: Bool { archive.entry(named: folder + "byteorder") != nil }
}

extension TorchOpening {
  /// Reads an archive's `data.pkl`.
  ///
  /// - Parameter archive: the shelf's.
  /// - Returns: the object that was saved.
  /// - Throws: `CheckpointError` naming the place and both numbers of what is wrong.
  mutating func archived(_ archive: TorchArchive) throws(CheckpointError) -> TorchObject {
    let isBigEndian = try isBigEndian(archive)
    let entry = try archive.member("data.pkl", limit: PickleMachine.largestPickle)
    let place: StoragePlace
    // The first look verifies the CRC-32; a pickle that is not inflated needs no copy.
    if entry.method == .stored {
      try shelf.reading(.member(entry.index)) { _ in }
      place = .file(entry.payload)
    } else {
      let content = try shelf.reading(.member(entry.index)) { bytes throws(CheckpointError) in bytes.copied() }
      place = try shelf.keep(content, subject: "data.pkl")
    }
    let pickle = try pickle(in: place, "data.pkl")
    guard pickle.end == entry.size else {
      throw CheckpointError(
        .malformed, .torchPickle, at: pickle.end, subject: "data.pkl",
        "\(entry.size - pickle.end) bytes follow the end of the pickle")
    }
    var object = TorchObject(
      pickle, in: place, of: shelf, storages: .archive(archive.archive, folder: archive.folder),
      isBigEndian: isBigEndian)
    try resolve(&object, "data.pkl")
    return object
  }

  private func isBigEndian(_ archive: TorchArchive) throws(CheckpointError) -> Bool {
    // PyTorch before 2.1 wrote no such record, and only on little-endian machines that matter.
    guard archive.hasByteOrder else { return false }
    let entry = try archive.member("byteorder", limit: 64)
    let order = try shelf.reading(.member(entry.index)) { bytes throws(CheckpointError) in bytes.utf8String() ?? "?" }
    switch order {
    case "little": return false
    case "big": return true
    default:
      throw CheckpointError(
        .malformed, .torchPickle, subject: "byteorder", "found \(order.debugDescription), expected little or big")
    }
  }
}
