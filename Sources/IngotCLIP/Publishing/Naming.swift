// SPDX-License-Identifier: Apache-2.0

/// Whose names a model's tensors get, and whose files are written beside them.
public enum Naming: String, Sendable, Hashable, CaseIterable {
  /// OpenAI's `clip`.
  case openAI = "openai"
  /// OpenCLIP's `CLIP` and `CustomTextCLIP`.
  case openCLIP = "openclip"
  /// Hugging Face's transformers: `CLIPModel` and its halves, `SiglipModel`, `ChineseCLIPModel`.
  case huggingFace = "huggingface"

  /// How people call the library.
  public var title: String {
    switch self {
    case .openAI: "OpenAI's clip"
    case .openCLIP: "OpenCLIP"
    case .huggingFace: "Hugging Face's transformers"
    }
  }
}
