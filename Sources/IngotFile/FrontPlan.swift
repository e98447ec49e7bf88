// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Where everything will lie in a file to be written: `Formats/ingot.md`, section 1.
struct FrontPlan {
  /// A section to be written.
  struct Section {
    let kind: SectionKind
    let range: Range<Int>
  }

  /// Sorted by name, bytewise, with the byte counts of their encodings.
  let tensors: [TensorDescriptor]
  /// Parallel to `tensors`.
  let payloadOffsets: [Int]
  /// Sorted by kind, bytewise.
  let sections: [Section]
  let header: Header

  /// Lays out a file.
  ///
  /// - Throws: `malformed`, `unsupported` or `overflow` for what the format cannot hold.
  init(tensors: [TensorDescriptor], sections: [(kind: SectionKind, byteCount: Int)]) throws(CheckpointError) {
    let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.tensors = try Self.checked(sorted)
    let namesLength = sorted.reduce(0) { $0 + $1.name.utf8.count }
    func tooLarge(_ subject: String) -> CheckpointError {
      CheckpointError(.overflow, .ingot, subject: subject, "ends after byte \(Int.max)")
    }
    guard
      var header = Header(
        sectionCount: sections.count, recordCount: sorted.count, namesLength: namesLength, payloadOffset: 0,
        fileSize: 0)
    else { throw tooLarge("the index") }

    var end = header.indexEnd
    var placed: [Section] = []
    for (kind, byteCount) in sections.sorted(by: { $0.kind < $1.kind }) {
      let subject = "section \(kind)"
      guard kind.isPrintable, byteCount >= 0, placed.last?.kind != kind else {
        throw CheckpointError(
          .malformed, .ingot, subject: subject,
          "\(byteCount) bytes; a kind is four printable ASCII characters and occurs once")
      }
      guard let start = end.roundedUp(to: Layout.sectionAlignment), let stop = start.adding(byteCount) else {
        throw tooLarge(subject)
      }
      placed.append(Section(kind: kind, range: start..<stop))
      end = stop
    }
    guard let payloadOffset = end.roundedUp(to: Layout.sectionAlignment) else { throw tooLarge("the payload region") }

    var offsets: [Int] = []
    end = payloadOffset
    for tensor in self.tensors {
      guard let start = end.roundedUp(to: Layout.tensorAlignment), let stop = start.adding(tensor.byteCount) else {
        throw tooLarge(tensor.name)
      }
      offsets.append(start)
      end = stop
    }
    header.payloadOffset = payloadOffset
    header.fileSize = end
    header.hasGroups = self.tensors.contains { $0.encoding.isGrouped }
    self.header = header
    self.sections = placed
    payloadOffsets = offsets
  }

  /// The tensors as this format holds them.
  private static func checked(_ sorted: [TensorDescriptor]) throws(CheckpointError) -> [TensorDescriptor] {
    var names: Set<String> = []
    var tensors: [TensorDescriptor] = []
    for tensor in sorted {
      func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
        CheckpointError(code, .ingot, subject: tensor.name, detail)
      }
      guard names.insert(tensor.name).inserted else {
        throw fault(.malformed, "two tensors have this name, or differ in it only by Unicode normalisation")
      }
      guard tensor.name.utf8.count <= UInt32.max else {
        throw fault(.overflow, "the name has \(tensor.name.utf8.count) bytes, the largest allowed is \(UInt32.max)")
      }
      guard tensor.shape.rank <= Layout.maximumRank else {
        throw fault(.unsupported, "rank \(tensor.shape.rank), the largest allowed is \(Layout.maximumRank)")
      }
      guard tensor.encoding.canHold(tensor.type) else {
        throw fault(.malformed, "\(tensor.encoding.label) cannot stand for \(tensor.type.rawValue)")
      }
      if let axis = tensor.encoding.axis, !tensor.shape.extents.indices.contains(axis) {
        throw fault(.malformed, "\(tensor.encoding.label) of a tensor of shape \(tensor.shape)")
      }
      guard let byteCount = tensor.encoding.byteCount(of: tensor.type, tensor.shape) else {
        throw fault(.overflow, "\(tensor.type.rawValue) \(tensor.shape) takes more than \(Int.max) bytes")
      }
      tensors.append(
        TensorDescriptor(
          name: tensor.name, type: tensor.type, shape: tensor.shape, encoding: tensor.encoding, byteCount: byteCount,
          access: .mapped))
    }
    return tensors
  }
}

extension FrontPlan {
  /// The index without its digests.
  func index() -> [UInt8] {
    var index = [UInt8](repeating: 0, count: header.indexEnd)
    header.store(in: &index)
    for (number, section) in sections.enumerated() {
      let place = Header.sectionTableOffset + number * Layout.sectionEntrySize
      let flags = section.kind.isDefined ? 0 : SectionEntry.mayIgnore
      index.store(section.kind.rawValue, at: place + Layout.SectionField.kind)
      index.store(flags, at: place + Layout.SectionField.flags)
      index.store(UInt64(section.range.lowerBound), at: place + Layout.SectionField.offset)
      index.store(UInt64(section.range.count), at: place + Layout.SectionField.length)
    }
    var nameOffset = 0
    for number in tensors.indices {
      storeRecord(number, nameOffset: nameOffset, in: &index)
      let name = tensors[number].name.utf8
      let start = header.namesOffset + nameOffset
      index.replaceSubrange(start..<start + name.count, with: name)
      nameOffset += name.count
    }
    return index
  }

  private func storeRecord(_ number: Int, nameOffset: Int, in index: inout [UInt8]) {
    let tensor = tensors[number]
    let place = header.recordRange(number).lowerBound
    index.store(UInt64(nameOffset), at: place + Layout.RecordField.nameOffset)
    index.store(UInt32(tensor.name.utf8.count), at: place + Layout.RecordField.nameLength)
    index.store(tensor.type.code, at: place + Layout.RecordField.type)
    index.store(UInt32(tensor.shape.rank), at: place + Layout.RecordField.rank)
    index.store(tensor.encoding.code, at: place + Layout.RecordField.encoding)
    index.store(UInt32(tensor.encoding.axis ?? 0), at: place + Layout.RecordField.axis)
    index.store(tensor.encoding.groupSize, at: place + Layout.RecordField.groupSize)
    for (axis, extent) in tensor.shape.extents.enumerated() {
      index.store(UInt64(extent), at: place + Layout.RecordField.extents + axis * 8)
    }
    index.store(UInt64(payloadOffsets[number]), at: place + Layout.RecordField.payloadOffset)
    index.store(UInt64(tensor.byteCount), at: place + Layout.RecordField.payloadLength)
    let scaleOffset = tensor.encoding.scaleOffset(of: tensor.shape) ?? 0
    index.store(UInt64(scaleOffset), at: place + Layout.RecordField.scaleOffset)
  }
}
