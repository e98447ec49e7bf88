// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotImage
import IngotTestSupport
import Testing

struct VideoTests {
  static let hasProgram = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// UCF101 with one video in the place of a frame.
  private func withVideo(_ make: (URL) throws -> Void, _ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let path = try copyOfMiniature("ucf101", to: folder)
    let frame = URL(filePath: path + "/UCF-101/YoYo/v_YoYo_g01_c02.jpg")
    try FileManager.default.removeItem(at: frame)
    try make(frame.deletingPathExtension().appendingPathExtension("avi"))
    try body(path)
  }

  @Test func `Without ffmpeg videos are one clear error, and frames are read`() throws {
    try withVideo({ try Data("no video".utf8).write(to: $0) }) { path in
      var chosen = options(path)
      chosen.ffmpeg = "/nonexistent/ffmpeg"
      let error = try #require(refusal("ucf101", chosen) as? CheckpointError)
      #expect(error.code == .unsupported && error.subject == "/nonexistent/ffmpeg")
      #expect(error.detail.contains("install ffmpeg"))
    }
    var chosen = options(miniature("ucf101"))
    chosen.ffmpeg = "/nonexistent/ffmpeg"
    #expect(refusal("ucf101", chosen) == nil)
  }

  @Test func `A program that fails, says nothing or never ends its complaints is an error of that video`() throws {
    for (script, code) in [
      ("#!/bin/sh\necho broken >&2\nexit 3\n", CheckpointError.Code.corrupt), ("#!/bin/sh\n", .corrupt),
      ("#!/bin/sh\nyes | head -c 3000000 >&2\necho 5\n", .corrupt),
    ] {
      try withVideo({ try Data("no video".utf8).write(to: $0) }) { path in
        for name in ["ffmpeg", "ffprobe"] {
          try makeScript(name == "ffmpeg" ? "#!/bin/sh\nexit 1\n" : script, at: path + "/" + name)
        }
        var chosen = options(path)
        chosen.ffmpeg = path + "/ffmpeg"
        let samples = try DatasetCatalogue.open("ucf101", chosen).samples(of: .test)
        let video = path + "/UCF-101/YoYo/v_YoYo_g01_c02.avi"
        #expect(throws: CheckpointError(code, .dataset, subject: video, "")) { try samples.image(at: 0) }
      }
    }
  }

  @Test(.enabled(if: VideoTests.hasProgram, "ffmpeg is not installed"), arguments: [7, 8])
  func `The middle frame of a video is taken`(count: Int) throws {
    func make(_ video: URL) throws {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      // Frame n is a grey of 20 n, without loss.
      process.arguments = [
        "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "color=black:s=16x16:r=10,format=gray,geq=lum=20*N",
        "-frames:v",
        "\(count)", "-c:v", "ffv1", video.path,
      ]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    try withVideo(make) { path in
      let samples = try DatasetCatalogue.open("ucf101", options(path)).samples(of: .test)
      guard case .encoded(let bytes) = try samples.image(at: 0) else {
        Issue.record("a frame is expected")
        return
      }
      try bytes.withBytes { span in
        let picture = try ImageDecoder.decode(span)
        #expect(picture.width == 16)
        #expect(picture.pixels.allSatisfy { $0 == UInt8(20 * (count / 2)) })
      }
    }
  }
}
