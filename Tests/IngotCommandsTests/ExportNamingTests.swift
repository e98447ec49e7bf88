// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport
import Testing

@Suite struct ExportNamingTests {
  private let clip = Fixtures.path("families/open-clip/quick-gelu")

  @Test func `export writes what a library loads, and says what it wrote`() throws {
    let folder = try TemporaryFolder()
    let out = folder.path("hf")
    let result = try Tool.run("export", "--json", clip, "--naming", "huggingface", "-o", out)
    #expect(result.status == 0, "\(result.errors)")
    let document = try result.json()
    #expect(document["loader"] as? String == "transformers.CLIPModel")
    let names = ["config.json", "model.safetensors", "preprocessor_config.json"]
    #expect((document["files"] as? [String])?.sorted() == names.map { "\(out)/\($0)" })
    #expect(try FileManager.default.contentsOfDirectory(atPath: out).sorted() == names)
    #expect(try Tool.run("export", clip, "--naming", "huggingface", "-o", out).status == 73)
    #expect(try Tool.run("export", clip, "--naming", "huggingface", "-o", out, "--force").status == 0)
    // The folder needs no option.
    let model = folder.path("model.ingot")
    #expect(try Tool.run("convert", out, "-o", model).status == 0)
    let verified = try Tool.run(
      "verify", model, "--against", Fixtures.path("families/open-clip/quick-gelu/golden.safetensors"))
    #expect(verified.status == 0, "\(verified.output)")
  }

  @Test func `export refuses what the library's code cannot be, with a line for each constant`() throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.path("families/open-clip/gelu")
    let result = try Tool.run("export", source, "--naming", "openai", "-o", folder.path("out"))
    #expect(result.status == 69)
    #expect(result.errors.contains("  text.activation is gelu, it has quick-gelu\n"))
    #expect(result.errors.contains("  vision.heads is 2"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    #expect(try Tool.run("export", source, "--image-size", "36", "-o", folder.path("out")).status == 64)
    #expect(try Tool.run("export", source, "--naming", "other", "-o", folder.path("out")).status == 64)
  }

  @Test func `another image size is said in the report, verified and exported`() throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.path("families/open-clip/gelu")
    let (model, out) = (folder.path("model.ingot"), folder.path("oc"))
    let converted = try Tool.run("convert", source, "--image-size", "36", "-o", model)
    #expect(converted.status == 0, "\(converted.errors)")
    #expect(
      converted.output.contains("vision.position_embedding: interpolate 4x4 to 6x6; its values are not the source's"))
    #expect(converted.output.contains("1 approximate (positions are interpolated)"))
    #expect(converted.errors.contains("vision.imageSize = 36 (from an option)"))
    // Against the bundle of the original library at this size, and against the checkpoint itself, resized likewise.
    let bundle = Fixtures.path("families/positions/open-clip-36.safetensors")
    #expect(try Tool.run("verify", model, "--against", bundle).status == 0)
    #expect(try Tool.run("verify", model, "--against", source).status == 0)
    #expect(try Tool.run("export", model, "--naming", "openclip", "-o", out).status == 0)
    let config = try String(contentsOfFile: out + "/open_clip_config.json", encoding: .utf8)
    #expect(config.contains("\"image_size\" : 36"))
    #expect(try Tool.run("convert", out, "-o", folder.path("again.ingot")).status == 0)
    let direct = try Tool.run(
      "logits", source, "--image-size", "36", "--inputs", bundle, "-o", folder.path("logits.safetensors"))
    #expect(direct.status == 0, "\(direct.errors)")
  }

  @Test func `an image size that does not fit is refused`() throws {
    let source = Fixtures.path("families/open-clip/gelu")
    let between = try Tool.run("convert", source, "--image-size", "37", "--dry-run")
    #expect(between.status == 65)
    #expect(between.errors.contains("found 37, which is not a multiple of the patch size 6"))
    #expect(try Tool.run("convert", source, "--image-size", "0", "--dry-run").status == 64)
    let resnet = try Tool.run(
      "convert", Fixtures.path("families/open-clip/resnet"), "--image-size", "96", "--dry-run")
    #expect(resnet.status == 69)
  }
}
