// SPDX-License-Identifier: Apache-2.0

/// Zip archives that hold no `data.pkl`, told apart by their members so that the refusal can say what they are.
enum OtherArchive {
  /// What an archive is.
  ///
  /// - Parameter names: its members.
  /// - Returns: `nil` when it is nothing that is known.
  static func meaning(of names: [String]) -> String? {
    func has(_ last: String) -> Bool { names.contains { $0 == last || $0.hasSuffix("/" + last) } }
    if has("archive_format")
      || names.contains(where: {
        $0.hasPrefix("models/") && $0.hasSuffix(".json") || $0.contains("/models/") && $0.hasSuffix(".json")
      })
    {
      return "a PT2 archive of torch.export, which holds a program; save its state_dict with torch.save"
    }
    if names.contains(where: { $0.contains(".data/") && $0.hasSuffix("extern_modules") }) {
      return
        "a torch.package archive, which holds Python code; load it with torch.package and save the state_dict with torch.save"
    }
    if has("model.json") && names.contains(where: { $0.contains("tensors/") || $0.contains("code/") }) {
      return
        "a TorchScript archive of PyTorch 1.0 to 1.2; load it with one of these and save the state_dict with torch.save"
    }
    if has("Manifest.json"), names.contains(where: { $0.contains("com.apple.CoreML") }) {
      return "a Core ML package, which holds a compiled model and no checkpoint"
    }
    if names.contains(where: {
      $0.hasSuffix(".safetensors") || $0.hasSuffix(".pt") || $0.hasSuffix(".pth") || $0.hasSuffix(".bin")
    }) {
      return "a zip archive around other files: unpack it first"
    }
    return nil
  }
}
