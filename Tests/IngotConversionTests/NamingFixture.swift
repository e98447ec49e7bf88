// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport

/// A tensor without its name.
struct TensorContent: Equatable {
  let type: ElementType
  let shape: Shape
  let bytes: [UInt8]
}

extension Source {
  /// Every tensor of the source, by name.
  func contents() throws -> [String: TensorContent] {
    var contents: [String: TensorContent] = [:]
    for tensor in checkpoint.tensors {
      contents[tensor.name] = try checkpoint.withBytes(of: tensor) {
        TensorContent(type: tensor.type, shape: tensor.shape, bytes: $0.copied())
      }
    }
    return contents
  }
}

/// A model of `Fixtures/families`, or one of the small ones beside it.
struct NamingFixture: Sendable {
  let name: String
  /// The weights, or the folder with them.
  let path: String
  /// What neither file nor shape says.
  let options: ModelOptions

  init(_ name: String) {
    self.name = name
    path = Fixtures.path(name)
    options =
      switch name {
      case "vit-tiny/state_dict.pt", "families/open-clip/training/epoch_3.pt": ModelOptions(activation: .quickGELU)
      case "families/chinese-clip/original/clip_cn_vit-b-16.pt",
        "families/chinese-clip/original-resnet/clip_cn_rn50.pt":
        ModelOptions(visionHeads: name.contains("resnet") ? 4 : 2, textHeads: 3)
      default: ModelOptions()
      }
  }

  func source() throws -> Source { try Source(path: path) }

  func plan(_ scheme: EncodingScheme = .source) throws -> ConversionPlan {
    try ConversionPlan(source(), scheme: scheme, options: options)
  }

  /// The model as an `.ingot` file.
  func converted(_ scheme: EncodingScheme = .source, in folder: TemporaryFolder, as file: String = "model.ingot") throws
    -> Source
  {
    let path = folder.path(file)
    _ = try Converter(Compute(path: .best, threads: 2), existing: .refuse).convert(
      source(), plan(scheme), tokenizer: nil, to: path)
    return try Source(path: path)
  }
}
