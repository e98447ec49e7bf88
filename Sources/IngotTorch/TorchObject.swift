// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A pickle of PyTorch's together with what it refers to outside itself.
struct TorchObject: Sendable {
  typealias Reference = PickleArena.Reference

  /// What was saved.
  let pickle: Pickle
  /// What all bytes are lent from.
  var shelf: StorageShelf
  /// What the places of the pickle's own bytes are counted in.
  let text: StoragePlace
  /// What its persistent identifiers name.
  let storages: StorageTable
  /// Whether storages are big-endian.
  let isBigEndian: Bool
  /// Where the bytes lie that arrays and nested streams are made of, by their node.
  var literals: [Reference: StoragePlace] = [:]
  /// Storages that stand within the pickle as streams of their own, by the node of their bytes.
  var nested: [Reference: StoredElements] = [:]
  /// Tensors that persistent identifiers name directly, as the oldest files have it.
  var tensorsByIdentifier: [String: TensorRecipe] = [:]

  init(
    _ pickle: Pickle, in text: StoragePlace, of shelf: StorageShelf, storages: StorageTable, isBigEndian: Bool = false
  ) {
    self.shelf = shelf
    self.pickle = pickle
    self.text = text
    self.storages = storages
    self.isBigEndian = isBigEndian
  }

  /// Everything in the pickle.
  var arena: PickleArena { pickle.arena }

  /// The object that it stands for.
  var root: Reference { pickle.root }

  /// A fault of a tensor's description.
  func fault(_ code: CheckpointError.Code, _ name: String, _ detail: String) -> CheckpointError {
    CheckpointError(code, .torchPickle, subject: name, detail)
  }
}
