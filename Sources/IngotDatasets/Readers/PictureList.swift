// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Picture files with one label each, kept in little memory: a million names are one array of bytes.
struct PictureList: SampleSource {
  /// The folder that names are relative to.
  private let root: String
  private var text: [UInt8] = []
  private var ends: [Int] = []
  private var labels: [Int32] = []

  /// Starts without pictures.
  init(root: String) {
    self.root = root
  }

  /// Adds a picture.
  ///
  /// - Parameters:
  ///   - name: its path from the root.
  ///   - label: its class.
  mutating func append(_ name: String, label: Int) {
    text += name.utf8
    ends.append(text.count)
    labels.append(Int32(label))
  }

  var count: Int { labels.count }

  func name(at index: Int) -> String {
    String(decoding: text[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
  }

  func label(at index: Int) -> SampleLabel { .one(Int(labels[index])) }

  func image(at index: Int) -> SampleImage {
    let name = name(at: index)
    return .file(name.hasPrefix("/") ? name : root + "/" + name)
  }

  /// How many pictures each class has.
  func counts(classes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
