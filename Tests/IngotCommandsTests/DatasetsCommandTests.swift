// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport
import Testing

/// `ingot datasets`.
struct DatasetsCommandTests {
  private func miniature(_ name: String) -> String { Fixtures.path("datasets/" + name) }

  @Test func `The list has the paper's 27 datasets and the others`() throws {
    let listed = try Tool.run("datasets", "--json")
    #expect(listed.status == 0)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
    #expect(rows.count == 30)
    #expect(rows[0]["name"] as? String == "food101")
    #expect((rows[26]["classes"] as? [Any])?.count == 1000)
    let text = try Tool.run("datasets").output.split(separator: "\n")
    #expect(text.count == 31)
    #expect(text[8].contains("voc2007") && text[8].hasSuffix("map-11"))
  }

  @Test func `One dataset's files, templates and classes are printed`() throws {
    let text = try Tool.run("datasets", "fer2013").output
    #expect(text.contains("the paper prints 32,140 and 3,574: an error of the table's script"))
    #expect(text.contains("  5  5  surprised | shocked | spooked"))
    #expect(try Tool.run("datasets", "none").status == 69)
  }

  @Test func `A folder is checked against what was published`() throws {
    let found = try Tool.run("datasets", "gtsrb", "--data", miniature("gtsrb"), "--pictures", "--json")
    #expect(found.status == 0)
    let document = try found.json()
    let splits = try #require(document["splits"] as? [[String: Any]])
    #expect(splits.map { $0["count"] as? Int } == [3, 2])
    #expect(splits.map { $0["published"] as? Int } == [26640, 12630])
    #expect((splits[0]["perClass"] as? [Int])?[42] == 1)
    #expect(document["unreadableCount"] as? Int == 0)
    #expect(try Tool.run("datasets", "gtsrb", "--data", miniature("gtsrb"), "--strict").status == 65)
    let missing = try Tool.run("datasets", "gtsrb", "--data", miniature("mnist"))
    #expect(missing.status == 66)
    #expect(missing.errors.contains("3 files are missing"))
    #expect(try Tool.run("datasets", "--data", miniature("mnist")).status == 64)
  }

  @Test func `PatchCamelyon is read through the program beside this one`() throws {
    let found = try Tool.run("datasets", "pcam", "--data", miniature("pcam"), "--pictures", "--json")
    #expect(found.status == 0)
    let splits = try #require(try found.json()["splits"] as? [[String: Any]])
    #expect(splits.map { $0["count"] as? Int } == [5, 2, 1])
  }

  @Test func `Pictures that cannot be read are counted and named, or end the run`() throws {
    let folder = try TemporaryFolder()
    let copy = folder.path("own")
    try FileManager.default.copyItem(atPath: miniature("own/flat"), toPath: copy)
    try Data("no picture".utf8).write(to: URL(filePath: copy + "/a/broken.jpg"))
    let skipped = try Tool.run("datasets", "folder", "--data", copy, "--pictures")
    #expect(skipped.status == 0)
    #expect(skipped.output.contains("pictures that cannot be read: 1\n  a/broken.jpg: "))
    #expect(try Tool.run("datasets", "folder", "--data", copy, "--pictures", "--strict").status == 65)
    let stopped = try Tool.run("datasets", "folder", "--data", copy, "--pictures", "--unreadable", "stop")
    #expect(stopped.status == 69)
    #expect(stopped.errors.contains("a/broken.jpg"))
  }
}
