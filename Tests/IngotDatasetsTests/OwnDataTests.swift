// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotTestSupport
import Testing

/// People's own pictures: folders, a table, names and templates from files.
struct OwnDataTests {
  @Test func `Folders of splits hold folders of classes, sorted by bytes, with blanks for underscores`() throws {
    let dataset = try openMiniature("folder", folder: "own/folders")
    #expect(dataset.splits == [.train, .test])
    #expect(dataset.classes.classes.map(\.key) == ["cat", "dog", "red_fox"])
    #expect(dataset.classes.classes[2].names == ["red fox"])
    #expect(dataset.templates == PromptTemplates.general)
    #expect(dataset.remarks == ["train has no picture of dog"])
    let test = try dataset.samples(of: .test)
    #expect((0..<test.count).map { test.name(at: $0) } == ["test/cat/1.png", "test/dog/1.png", "test/red_fox/1.png"])
    #expect((0..<test.count).map { test.label(at: $0).index } == [0, 1, 2])
  }

  @Test func `Folders of classes alone are the test`() throws {
    let dataset = try openMiniature("folder", folder: "own/flat")
    #expect(dataset.splits == [.test])
    #expect(dataset.classes.classes.map(\.key) == ["B", "a", "b"])
  }

  @Test func `One split folder alone is the test, whatever its name`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("val"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: miniature("own/flat/a"), toPath: folder.path("val/a"))
    #expect(try DatasetCatalogue.open("folder", options(folder.url.path)).splits == [.test])
  }

  @Test func `Names and templates come from files`() throws {
    var chosen = options(miniature("own/folders"))
    chosen.classNames = try NamedClasses(contentsOf: miniature("own/names.txt"))
    chosen.templates = try PromptTemplates.read(contentsOf: miniature("own/templates.txt"))
    let dataset = try DatasetCatalogue.open("folder", chosen)
    // The order of the file is that of labels.
    #expect(dataset.classes.classes.map(\.names) == [["red fox", "fox"], ["cat"], ["dog"]])
    #expect(dataset.templates == ["a {} here.", "this is {}"])
    let test = try dataset.samples(of: .test)
    #expect((0..<test.count).map { test.label(at: $0).index } == [0, 1, 2])
    #expect(test.name(at: 0) == "test/red_fox/1.png")
  }

  @Test func `Names may replace a known dataset's, by place or by key`() throws {
    let folder = try TemporaryFolder()
    func open(_ text: String) throws -> Dataset {
      var chosen = options(miniature("rendered-sst2"))
      chosen.classNames = try NamedClasses(contentsOf: folder.write(Array(text.utf8), to: "names.txt"))
      return try DatasetCatalogue.open("rendered-sst2", chosen)
    }
    #expect(try open("bad\ngood\n").classes.classes.map(\.names) == [["bad"], ["good"]])
    #expect(
      try open("positive\tgood\tnice\r\nnegative\tbad\r\n").classes.classes.map(\.names) == [
        ["bad"], ["good", "nice"],
      ])
    #expect(throws: CheckpointError(.mismatch, .dataset, subject: "class names", "")) { try open("bad\n") }
    #expect(throws: CheckpointError(.mismatch, .dataset, subject: "negative", "")) {
      try open("positive\ta\nneutral\tb\n")
    }
    // Two classes of one name are allowed, and told.
    #expect(try open("negative\tsame\npositive\tsame\n").remarks.contains { $0.contains("both called \"same\"") })
  }

  @Test(arguments: ["a\na\n", "a\tx\nb\n", "a\t\n", "", "\n\n"])
  func `Wrong files of names are refused`(text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(text.utf8), to: "names.txt")
    #expect(throws: CheckpointError(.malformed, .dataset, subject: path, "")) { try NamedClasses(contentsOf: path) }
  }

  @Test(arguments: ["no place\n", "{} and {}\n", "\n"])
  func `Wrong files of templates are refused`(text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(text.utf8), to: "templates.txt")
    #expect(throws: CheckpointError(.malformed, .dataset, subject: path, "")) {
      try PromptTemplates.read(contentsOf: path)
    }
  }

  @Test func `A table has paths, labels and splits, in quotes where need be`() throws {
    let dataset = try openMiniature("csv", folder: "own/table/pictures.csv")
    #expect(dataset.splits == [.train, .test])
    #expect(dataset.classes.classes.map(\.key) == ["9", "10", "say \"hi\""])
    let test = try dataset.samples(of: .test)
    #expect((0..<test.count).map { test.name(at: $0) } == ["deep/2.png", "x, y.png"])
    #expect((0..<test.count).map { test.label(at: $0).index } == [0, 2])
    guard case .file(let path) = try test.image(at: 0) else {
      Issue.record("a file is expected")
      return
    }
    #expect(path == miniature("own/table/deep/2.png"))
  }

  @Test func `Numbers in a table are labels of the names in a file`() throws {
    let folder = try TemporaryFolder()
    let table = try folder.write(Array("image,class\n/dev/../etc/hostname,1\n".utf8), to: "t.csv")
    var chosen = options(table)
    chosen.classNames = try NamedClasses(contentsOf: folder.write(Array("cat\ndog\n".utf8), to: "names.txt"))
    let dataset = try DatasetCatalogue.open("csv", chosen)
    #expect(try dataset.samples(of: .test).label(at: 0) == .one(1))
    _ = try folder.write(Array("image,class\na.png,2\n".utf8), to: "t.csv")
    #expect(refusal("csv", chosen) as? CheckpointError == CheckpointError(.malformed, .dataset, subject: "t.csv", ""))
  }

  @Test(arguments: [
    ("", CheckpointError.Code.malformed), ("path,label\n", .missing), ("path\na\n", .missing),
    ("path,label\na\n", .malformed),
    ("path,label\n\"a,b\n", .malformed), ("path,label\n\"a\"b,c\n", .malformed), ("path,label\na,\n", .malformed),
    ("path,label,split\na,b,dev\n", .malformed), ("path,label\n,b\n", .malformed),
  ])
  func `Wrong tables are refused`(text: String, code: CheckpointError.Code) throws {
    let folder = try TemporaryFolder()
    let table = try folder.write(Array(text.utf8), to: "t.csv")
    #expect(refusal("csv", options(table)) as? CheckpointError == CheckpointError(code, .dataset, subject: "t.csv", ""))
  }

  @Test func `Files that a table names and that do not exist are told all at once`() throws {
    let folder = try TemporaryFolder()
    let table = try folder.write(Array("path,label\na.png,x\nb/c.png,y\n".utf8), to: "t.csv")
    let error = try #require(refusal("csv", options(table)) as? FileError)
    #expect(error.detail == "2 files are missing: a.png, b/c.png")
  }

  @Test func `Empty folders are refused`() throws {
    let folder = try TemporaryFolder()
    #expect((refusal("folder", options(folder.url.path)) as? CheckpointError)?.code == .missing)
    try FileManager.default.createDirectory(atPath: folder.path("cat"), withIntermediateDirectories: true)
    #expect((refusal("folder", options(folder.url.path)) as? CheckpointError)?.code == .missing)
  }
}
