// swift-tools-version: 6.2
import PackageDescription

/// One row for each Swift target: its name, the layer it lives in (a target may import only lower layers), and what it imports.
struct Room {
  let name: String
  let imports: [Target.Dependency]
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let rooms: [Room] = [
  // L0
  Room(name: "IngotBytes", imports: ["CIngotSystem", "CIngotDigest", crypto]),
  // L1
  Room(name: "IngotTensor", imports: ["IngotBytes", "CIngotKernels", "CIngotSystem"]),
  Room(name: "IngotArchive", imports: ["IngotBytes", "CIngotKernels", "CZlib"]),
  // L2
  Room(name: "IngotTorch", imports: ["IngotBytes", "IngotTensor", "IngotArchive"]),
  Room(name: "IngotSafetensors", imports: ["IngotBytes", "IngotTensor"]),
  Room(name: "IngotNumPy", imports: ["IngotBytes", "IngotTensor", "IngotArchive"]),
  Room(name: "IngotHDF5", imports: ["IngotBytes", "IngotTensor", "IngotArchive"]),
  Room(name: "IngotFile", imports: ["IngotBytes", "IngotTensor"]),
  // L3
  // The only target that is linked with libhdf5; in a program of its own.
  Room(name: "IngotHDF5Library", imports: ["IngotBytes", "IngotTensor", "IngotHDF5", "CIngotHDF5"]),
  Room(name: "IngotCLIP", imports: ["IngotBytes", "IngotTensor", "IngotArchive", "IngotFile"]),
  Room(name: "IngotQuantization", imports: ["IngotBytes", "IngotTensor"]),
  Room(name: "IngotImage", imports: ["IngotBytes", "CIngotPixels", "CJPEG", "CPNG"]),
  Room(name: "IngotStatistics", imports: []),
  // What the datasets are in which they are distributed; pictures are not decoded here.
  Room(
    name: "IngotDatasets",
    imports: ["IngotBytes", "IngotTensor", "IngotArchive", "IngotTorch", "IngotHDF5"]),
  // Pictures and pages of plain values; knows nothing of models.
  Room(name: "IngotPlot", imports: []),
  // L4
  Room(
    name: "IngotConversion",
    imports: [
      "IngotBytes", "IngotTensor", "IngotTorch", "IngotSafetensors", "IngotNumPy", "IngotHDF5", "IngotFile",
      "IngotCLIP", "IngotQuantization",
    ]),
  Room(
    name: "IngotFidelity",
    imports: [
      "IngotBytes", "IngotTensor", "IngotSafetensors", "IngotFile", "IngotCLIP", "IngotQuantization", "IngotStatistics",
      "IngotPlot",
    ]),
  // The tasks of the paper.
  Room(
    name: "IngotEvaluation",
    imports: [
      "IngotBytes", "IngotTensor", "IngotNumPy", "IngotCLIP", "IngotImage", "IngotDatasets", "IngotStatistics",
      "IngotPlot",
    ]),
  // Chooses each tensor's encoding from what its errors do to the model's outputs.
  Room(
    name: "IngotPlanning",
    imports: ["IngotBytes", "IngotTensor", "IngotFile", "IngotCLIP", "IngotQuantization", "IngotStatistics"]),
  // The library product for apps: no pickle reader, no HDF5.
  Room(name: "Ingot", imports: ["IngotBytes", "IngotTensor", "IngotFile", "IngotCLIP", "IngotImage"]),
  // L5
  Room(
    name: "IngotCommands",
    imports: [
      "IngotBytes", "IngotTensor", "IngotTorch", "IngotSafetensors", "IngotNumPy", "IngotHDF5", "IngotFile",
      "IngotCLIP", "IngotQuantization", "IngotImage", "IngotStatistics", "IngotDatasets", "IngotPlot", "Ingot",
      "IngotConversion", "IngotFidelity", "IngotEvaluation", "IngotPlanning", argumentParser,
    ]),
]

/// Tests may import everything; each row tests the target it is named after.
let tests: [Room] = [
  Room(name: "IngotBytesTests", imports: ["IngotBytes", "IngotTestSupport"]),
  Room(name: "IngotTensorTests", imports: ["CIngotKernels", "IngotBytes", "IngotTensor", "IngotTestSupport"]),
  Room(name: "IngotArchiveTests", imports: ["IngotBytes", "IngotArchive", "IngotTestSupport"]),
  Room(
    name: "IngotTorchTests", imports: ["IngotBytes", "IngotTensor", "IngotArchive", "IngotTorch", "IngotTestSupport"]),
  Room(name: "IngotSafetensorsTests", imports: ["IngotBytes", "IngotTensor", "IngotSafetensors", "IngotTestSupport"]),
  Room(
    name: "IngotNumPyTests", imports: ["IngotBytes", "IngotTensor", "IngotArchive", "IngotNumPy", "IngotTestSupport"]),
  Room(
    name: "IngotHDF5Tests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotArchive", "IngotHDF5", "IngotHDF5Library", "IngotTestSupport", "IngotHDF5Tool",
    ]),
  Room(name: "IngotFileTests", imports: ["IngotBytes", "IngotTensor", "IngotFile", "IngotTestSupport"]),
  Room(
    name: "IngotCLIPTests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotArchive", "IngotSafetensors", "IngotTorch", "IngotCLIP", "IngotTestSupport",
    ]),
  Room(
    name: "IngotQuantizationTests", imports: ["IngotBytes", "IngotTensor", "IngotQuantization", "IngotTestSupport"]),
  Room(name: "IngotStatisticsTests", imports: ["IngotStatistics", "IngotTestSupport"]),
  Room(name: "IngotImageTests", imports: ["IngotBytes", "IngotImage", "IngotTestSupport"]),
  Room(name: "IngotPlotTests", imports: ["IngotBytes", "IngotImage", "IngotPlot", "IngotTestSupport"]),
  Room(
    name: "IngotDatasetsTests",
    imports: [
      "IngotBytes", "IngotArchive", "IngotTorch", "IngotHDF5", "IngotImage", "IngotDatasets", "IngotTestSupport",
      "IngotHDF5Tool",
    ]),
  Room(
    name: "IngotConversionTests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotTorch", "IngotSafetensors", "IngotFile", "IngotCLIP", "IngotQuantization",
      "IngotConversion", "IngotTestSupport", "IngotHDF5Tool",
    ]),
  Room(
    name: "IngotFidelityTests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotArchive", "IngotTorch", "IngotSafetensors", "IngotFile", "IngotCLIP",
      "IngotQuantization",
      "IngotConversion", "IngotFidelity", "IngotPlot", "IngotStatistics", "IngotTestSupport", "IngotHDF5Tool",
      "CAllocationCount",
    ]),
  Room(
    name: "IngotEvaluationTests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotArchive", "IngotTorch", "IngotNumPy", "IngotFile", "IngotCLIP",
      "IngotQuantization",
      "IngotImage", "IngotDatasets", "IngotStatistics", "IngotPlot", "IngotConversion", "Ingot", "IngotEvaluation",
      "IngotTestSupport",
    ]),
  Room(
    name: "IngotPlanningTests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotFile", "IngotSafetensors", "IngotCLIP", "IngotQuantization",
      "IngotConversion", "IngotFidelity", "IngotPlanning", "IngotTestSupport",
    ]),
  Room(
    name: "IngotTests", imports: ["IngotBytes", "IngotCLIP", "IngotImage", "Ingot", "IngotTestSupport", "IngotTool"]),
  Room(
    name: "IngotCommandsTests",
    imports: [
      "IngotBytes", "IngotTensor", "IngotSafetensors", "IngotCommands", "IngotTestSupport", "IngotTool",
      "IngotHDF5Tool",
    ]),
]

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "ingot",
  products: [
    .library(name: "Ingot", targets: ["Ingot"]),
    .executable(name: "ingot", targets: ["IngotTool"]),
    .executable(name: "ingot-hdf5", targets: ["IngotHDF5Tool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: rooms.map { .target(name: $0.name, dependencies: $0.imports, swiftSettings: settings) }
    + tests.map { .testTarget(name: $0.name, dependencies: $0.imports, swiftSettings: settings) }
    + [
      .target(
        name: "IngotTestSupport", dependencies: ["IngotBytes"], path: "Tests/IngotTestSupport", swiftSettings: settings),
      .executableTarget(name: "IngotTool", dependencies: ["IngotCommands"], swiftSettings: settings),
      .executableTarget(name: "IngotHDF5Tool", dependencies: ["IngotHDF5Library"], swiftSettings: settings),
      .target(name: "CIngotKernels"),
      .target(name: "CIngotDigest"),
      .target(name: "CIngotPixels"),
      .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
      .target(name: "CIngotSystem"),
      .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
      .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
      .target(name: "CIngotHDF5", dependencies: ["CHDF5"]),
      .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
      .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    ]
)

// Fuzzing replaces `main`: the target is there only when somebody asks for it (`Tools/fuzz.sh`).
if Context.environment["INGOT_FUZZ_BUILD"] != nil {
  package.targets.append(
    .executableTarget(
      name: "IngotFuzz",
      dependencies: [
        "IngotBytes", "IngotTensor", "IngotArchive", "IngotTorch", "IngotSafetensors", "IngotNumPy", "IngotHDF5",
        "IngotFile", "IngotCLIP", "IngotDatasets",
      ], path: "Tests/IngotFuzz",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
