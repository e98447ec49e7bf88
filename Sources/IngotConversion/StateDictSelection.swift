// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotTensor

/// Which of a checkpoint's tensors are the model, and what stands before all of their names.
///
/// A training checkpoint holds optimizer states, averages and counters beside the weights. What is not taken is listed, never lost.
public struct StateDictSelection: Sendable {
  /// The keys that lead to the state dict, joined with dots; empty when it is the whole file.
  public let path: String
  /// What was stripped from all of its names, for example `module.`; empty when nothing was.
  public let prefix: String
  /// The tensors taken, under their names without path and prefix.
  public let tensors: [TensorDescriptor]
  /// What was left, by the first part of its names: for example `optimizer (24 tensors)`.
  public let left: [String]
  private let sources: [String: TensorDescriptor]

  /// Where training scripts put weights, in the order in which they are looked at; averages come after what they are averages of.
  static let keys = [
    "state_dict", "state_dict_ema", "model", "model_state_dict", "model_ema", "module", "net", "params_ema", "ema",
    "weights", "resnet",
  ]
  /// What wrappers put before every name: data parallelism, `torch.compile`, DeepSpeed, Lightning and the names of attributes.
  static let prefixes = [
    "module.", "_orig_mod.", "_forward_module.", "model.", "clip_model.", "clip.", "net.", "network.", "backbone.",
  ]

  /// Finds the state dict.
  ///
  /// Of all places where one may be, the one whose names are most like a CLIP model's is taken; of equals, the first.
  ///
  /// - Parameters:
  ///   - tensors: all of the checkpoint's.
  ///   - key: where to look, when a person said so; joined with dots when it is several keys deep.
  /// - Throws: `missing` when nothing lies below `key`, naming what there is.
  public init(_ tensors: [TensorDescriptor], at key: String? = nil) throws(CheckpointError) {
    if key == nil, let names = ForeignNames.plain(tensors) {
      self.init(names, tensors)
      return
    }
    let paths = key.map { [$0] } ?? [""] + Self.keys
    var best: (path: String, prefix: String, likeness: Double)?
    for path in paths {
      let names = Self.names(tensors, below: path)
      guard !names.isEmpty, key != nil || path.isEmpty || Self.isSeparate(path, in: tensors) else { continue }
      let prefix = Self.sharedPrefix(of: names)
      let likeness = Family.likeness(of: names.compactMap { $0.dropping(prefix) })
      if best.map({ likeness > $0.likeness }) ?? true { best = (path, prefix, likeness) }
    }
    guard let best else {
      guard let key else {
        self.init(path: "", prefix: "", all: tensors)
        return
      }
      throw CheckpointError(
        .missing, .clip, subject: key,
        "no tensor lies below this key; there are \(Self.groups(tensors.map(\.name)).joined(separator: ", "))")
    }
    self.init(path: best.path, prefix: best.prefix, all: tensors)
  }

  private init(path: String, prefix: String, all: [TensorDescriptor]) {
    self.path = path
    self.prefix = prefix
    let start = (path.isEmpty ? "" : path + ".") + prefix
    var taken: [TensorDescriptor] = []
    var left: [String] = []
    var sources: [String: TensorDescriptor] = [:]
    for tensor in all {
      if let name = tensor.name.dropping(start), !name.isEmpty {
        let short = tensor.renamed(name)
        taken.append(short)
        sources[short.name] = tensor
      } else {
        left.append(tensor.name)
      }
    }
    tensors = taken
    self.left = Self.groups(left)
    self.sources = sources
  }

  /// Takes other names for all tensors.
  private init(_ names: [String], _ all: [TensorDescriptor]) {
    path = ""
    prefix = ""
    var sources: [String: TensorDescriptor] = [:]
    var taken: [TensorDescriptor] = []
    for (tensor, name) in zip(all, names) {
      taken.append(tensor.renamed(name))
      sources[name] = tensor
    }
    tensors = taken
    left = []
    self.sources = sources
  }

  /// The tensor in the checkpoint that a name without path and prefix stands for.
  func source(of name: String) -> TensorDescriptor? { sources[name] }

  /// The name in the checkpoint that a name without path and prefix would have.
  func fullName(of name: String) -> String {
    sources[name]?.name ?? (path.isEmpty ? "" : path + ".") + prefix + name
  }

  /// Whether a name in the checkpoint lies in the state dict.
  func contains(_ name: String) -> Bool { path.isEmpty || name.utf8.starts(with: (path + ".").utf8) }

  /// Whether no tensor of a model lies beside a key: else the key is only what most of the model's names begin with.
  private static func isSeparate(_ path: String, in tensors: [TensorDescriptor]) -> Bool {
    let outside = tensors.map(\.name).filter { $0.dropping(path + ".") == nil }
    return outside.isEmpty || Family.likeness(of: outside) == 0
  }

  private static func names(_ tensors: [TensorDescriptor], below path: String) -> [String] {
    guard !path.isEmpty else { return tensors.map(\.name) }
    return tensors.compactMap { $0.name.dropping(path + ".") }
  }

  /// The longest row of known prefixes that all names begin with.
  static func sharedPrefix(of names: [String]) -> String {
    var shared = ""
    // A name is longer than what is stripped from it, so this ends.
    while let next = prefixes.first(where: { next in
      names.allSatisfy { $0.dropping(shared + next)?.isEmpty == false }
    }) {
      shared += next
    }
    return shared
  }

  /// Names counted by their first part, in the order in which these occur.
  private static func groups(_ names: [String]) -> [String] {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for name in names {
      let first = name.split(separator: ".").first.map(String.init) ?? name
      if counts[first] == nil { order.append(first) }
      counts[first, default: 0] += 1
    }
    return order.map { "\($0) (\(counts[$0] ?? 0) \(counts[$0] == 1 ? "tensor" : "tensors"))" }
  }
}

extension String {
  /// What follows a beginning, compared byte by byte; `nil` when the text begins otherwise.
  fileprivate func dropping(_ start: String) -> String? {
    guard utf8.starts(with: start.utf8) else { return nil }
    return String(decoding: utf8.dropFirst(start.utf8.count), as: UTF8.self)
  }
}
