// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotDatasets
import Testing

/// The maps from what files say to classes and names, each by examples that a wrong order would break.
struct LabelMapTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let dataset: String
    let key: String
    let index: Int
    let names: [String]
    var testDescription: String { "\(dataset) \(key)" }

    init(_ dataset: String, _ key: String, _ index: Int, _ names: String...) {
      self.dataset = dataset
      self.key = key
      self.index = index
      self.names = names
    }
  }

  static let examples = [
    Example("food101", "apple_pie", 0, "apple pie"), Example("food101", "waffles", 100, "waffles"),
    Example("cifar10", "automobile", 1, "automobile"), Example("cifar10", "truck", 9, "truck"),
    Example("cifar100", "aquarium_fish", 1, "aquarium fish"), Example("cifar100", "worm", 99, "worm"),
    Example("birdsnap", "Acadian Flycatcher", 0, "Acadian Flycatcher"),
    Example("sun397", "a/abbey", 0, "abbey"),
    Example("sun397", "j/jail_cell", 206, "jail cell"), Example("sun397", "j/jail/indoor", 207, "jail indoor"),
    // Numbers of the development kit, from 1 on; years stand first in our names.
    Example("stanford-cars", "1", 0, "AM General Hummer SUV 2000"),
    Example("fgvc-aircraft", "707-320", 0, "707-320"), Example("fgvc-aircraft", "Yak-42", 99, "Yak-42"),
    // Not in the alphabet's order.
    Example("voc2007", "sofa", 15, "sofa"), Example("voc2007", "diningtable", 16, "diningtable"),
    Example("voc2007", "pottedplant", 17, "pottedplant"), Example("voc2007", "tvmonitor", 19, "tvmonitor"),
    Example("dtd", "polka-dotted", 30, "polka-dotted"), Example("dtd", "zigzagged", 46, "zigzagged"),
    // Cats come first: capitals before small letters.
    Example("oxford-pets", "Abyssinian", 0, "Abyssinian"), Example("oxford-pets", "Sphynx", 11, "Sphynx"),
    Example("oxford-pets", "american_bulldog", 12, "american bulldog"),
    Example("caltech101", "BACKGROUND_Google", 0, "background"), Example("caltech101", "Faces", 1, "off-center face"),
    Example("caltech101", "Faces_easy", 2, "centered face"),
    Example("caltech101", "yin_yang", 101, "yin and yang symbol"),
    Example("flowers102", "1", 0, "pink primrose"), Example("flowers102", "77", 76, "passion flower"),
    Example("mnist", "7", 7, "7"),
    Example("fer2013", "3", 3, "happy", "smiling"), Example("fer2013", "5", 5, "surprised", "shocked", "spooked"),
    Example("fer2013", "6", 6, "neutral", "bored"),
    Example("stl10", "1", 0, "airplane"), Example("stl10", "3", 2, "car"),
    Example("eurosat", "AnnualCrop", 7, "annual crop land"), Example("eurosat", "SeaLake", 5, "lake or sea"),
    Example("eurosat", "HerbaceousVegetation", 6, "brushland or shrubland"), Example("eurosat", "Forest", 0, "forest"),
    Example("resisc45", "sea_ice", 35, "sea ice"), Example("resisc45", "wetland", 44, "wetland"),
    Example("gtsrb", "0", 0, "red and white circle 20 kph speed limit"), Example("gtsrb", "14", 14, "stop"),
    Example("kitti", "3", 3, "a photo i took with no car."),
    Example("country211", "AD", 0, "Andorra"), Example("country211", "CH", 36, "Switzerland"),
    Example("country211", "XK", 206, "Kosovo"), Example("country211", "ZW", 210, "Zimbabwe"),
    Example("pcam", "1", 1, "lymph node containing metastatic tumor tissue"),
    Example("ucf101", "HandstandPushups", 36, "Hand Stand Pushups"), Example("ucf101", "YoYo", 100, "Yo Yo"),
    Example("kinetics700", "abseiling", 0, "abseiling"), Example("kinetics700", "zumba", 699, "zumba"),
    // Sorted as text.
    Example("clevr-counts", "10", 0, "10"), Example("clevr-counts", "3", 1, "3"), Example("clevr-counts", "9", 7, "9"),
    Example("hateful-memes", "0", 0, "meme"), Example("hateful-memes", "1", 1, "hatespeech meme"),
    Example("rendered-sst2", "negative", 0, "negative"), Example("rendered-sst2", "positive", 1, "positive"),
    Example("imagenet", "n01440764", 0, "tench"), Example("imagenet", "n15075141", 999, "toilet paper"),
    Example("imagenet", "n04409515", 852, "tennis ball"),
    Example("fashion-mnist", "9", 9, "ankle boot"),
  ]

  @Test(arguments: LabelMapTests.examples)
  func `A key has its class and names`(example: Example) throws {
    let classes = try #require(DatasetCatalogue.description(of: example.dataset)?.classes)
    #expect(classes.index(of: example.key) == example.index)
    #expect(classes.classes[example.index].names == example.names)
  }

  @Test func `All 27 datasets of the paper have an example, the paper's number of classes, and templates`() throws {
    let sizes = [
      101, 10, 100, 500, 397, 196, 100, 20, 47, 37, 102, 102, 10, 7, 10, 10, 45, 43, 4, 211, 2, 101, 700, 8, 2, 2, 1000,
    ]
    let templates = [1, 18, 18, 1, 2, 8, 2, 1, 8, 1, 34, 1, 1, 6, 2, 3, 18, 3, 1, 5, 1, 48, 28, 1, 1, 1, 80]
    let paper = DatasetCatalogue.all.prefix(27)
    #expect(paper.map { $0.classes?.count ?? 0 } == sizes)
    #expect(paper.map(\.templates.count) == templates)
    let named = Set(Self.examples.map(\.dataset))
    #expect(paper.allSatisfy { named.contains($0.name) && $0.paperCounts != nil && !$0.layout.isEmpty })
    #expect(DatasetCatalogue.all.allSatisfy { $0.templates.allSatisfy { $0.contains("{}") } })
    #expect(Set(DatasetCatalogue.all.map(\.name)).count == 30)
  }

  /// Nine of the paper's lists are not in sorted order: a reader that sorts would mislabel them.
  @Test func `Lists that are not sorted are told from those that are`() throws {
    let unsorted = DatasetCatalogue.all.prefix(27).filter { description in
      let names = description.classes?.classes.map { $0.names[0] } ?? []
      return names != names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }.map(\.name)
    for name in [
      "voc2007", "eurosat", "oxford-pets", "flowers102", "gtsrb", "kitti", "hateful-memes", "country211",
      "stanford-cars",
    ] where name != "oxford-pets" {
      #expect(unsorted.contains(name), "\(name)")
    }
    // The pets' list is sorted with capitals first, and the files' own numbers are not.
    let pets = try #require(DatasetCatalogue.description(of: "oxford-pets")?.classes)
    let keys = pets.classes.map(\.key)
    #expect(keys != keys.sorted { $0.lowercased() < $1.lowercased() })
  }

  @Test func `ImageNet's two names that stand twice are told`() throws {
    let classes = try #require(DatasetCatalogue.description(of: "imagenet")?.classes)
    #expect(classes.sharedNames.map(\.name) == ["missile", "sunglasses"])
    #expect(classes.sharedNames.allSatisfy { $0.classes.count == 2 })
    #expect(try openMiniature("imagenet").remarks.contains { $0.contains("are both called \"missile\"") })
  }

  @Test func `Metrics are those of the paper`() {
    let metrics = Dictionary(uniqueKeysWithValues: DatasetCatalogue.all.map { ($0.name, $0.metric) })
    let others: [String: DatasetMetric] = [
      "fgvc-aircraft": .meanPerClass, "oxford-pets": .meanPerClass, "caltech101": .meanPerClass,
      "flowers102": .meanPerClass, "voc2007": .meanAveragePrecision11, "hateful-memes": .areaUnderROC,
      "kinetics700": .meanOfTop1AndTop5,
    ]
    for (name, metric) in metrics { #expect(metric == others[name] ?? .accuracy, "\(name)") }
  }
}
