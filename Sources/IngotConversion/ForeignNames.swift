// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Names that only the first publisher of a model gives its weights, made those that a table is for: parts joined with dots, numbers apart.
enum ForeignNames {
  /// The plain names of a checkpoint's tensors, in their order; `nil` for names that are of no known kind.
  static func plain(_ tensors: [TensorDescriptor]) -> [String]? {
    let names = tensors.map(\.name)
    return TensorFlowNames(names)?.names ?? GoogleResNetNames(names)?.names ?? KerasResNetNames(tensors)?.names
      ?? AppleMobileNames(names)?.names
  }
}

/// Names in Google's archives of BiT: `resnet/block1/unit01/a/group_norm/gamma` becomes `resnet.block1.unit.1.a.group_norm.gamma`.
struct GoogleResNetNames {
  /// One for each of the names given.
  let names: [String]

  /// Changes the names; `nil` unless the one of the first convolution is among them, and all are different after the change.
  ///
  /// - Parameter names: all of a checkpoint's.
  init?(_ names: [String]) {
    guard names.contains("resnet/root_block/standardized_conv2d/kernel") else { return nil }
    let changed = names.map { name in name.split(separator: "/").map(Self.plain).joined(separator: ".") }
    guard Set(changed).count == changed.count else { return nil }
    self.names = changed
  }

  /// `unit01` is the item 1 of a list.
  private static func plain(_ part: Substring) -> String {
    guard part.hasPrefix("unit"), let index = Int(part.dropFirst(4)) else { return String(part) }
    return "unit.\(index)"
  }
}
