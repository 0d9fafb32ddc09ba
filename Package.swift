// swift-tools-version: 6.2

import PackageDescription

// Every target of this package is built alike: Swift 6, explicit existentials and imports, and no
// warning left standing. Dependencies keep their own settings. Imports are checked in debug builds:
// with the runtime linked statically the compiler takes Foundation's C module, which nobody may import,
// for the one that defines `stat`.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility", .when(configuration: .debug)),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

// What computes much is optimised in debug builds as well: the exhaustive traces judge millions of logs.
// Preconditions hold all the same, and so does what tests import.
let fast = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "Hashiya",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "hashiya", targets: ["hashiya"]),
    .executable(name: "hashiya-server", targets: ["hashiya-server"]),
    // Preloaded by tests into the programs, whose clocks then jump.
    .library(name: "WallClockShift", type: .dynamic, targets: ["WallClockShift"]),
    // Preloaded by tests into the programs, which are then killed at a given step.
    .library(name: "KillPoint", type: .dynamic, targets: ["KillPoint"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Pure: values in, values out.
    .target(name: "MergeCore", swiftSettings: fast),
    .target(name: "TransparencyLog", dependencies: [crypto], swiftSettings: strict),
    .target(name: "AnnotationModel", dependencies: ["MergeCore", crypto], swiftSettings: strict),
    .target(
      name: "SyncProtocol",
      dependencies: ["MergeCore", "TransparencyLog", crypto, protobuf], swiftSettings: strict),

    // Storage.
    .target(name: "SQLiteSwitches", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
      name: "WorkspaceStore",
      dependencies: [
        "MergeCore", "TransparencyLog", "AnnotationModel", "SyncProtocol", "SQLiteSwitches", crypto,
        grdb, protobuf,
      ], swiftSettings: strict),
    .target(
      name: "Auditor",
      dependencies: [
        "MergeCore", "TransparencyLog", "AnnotationModel", "SyncProtocol", "WorkspaceStore",
        protobuf,
      ], swiftSettings: strict),

    // Network.
    .target(
      name: "SyncClient",
      dependencies: [
        "SyncProtocol", "TransparencyLog", "WorkspaceStore", "MergeCore",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], swiftSettings: strict),
    .target(
      name: "SyncServer",
      dependencies: [
        "SyncProtocol", "TransparencyLog", "WorkspaceStore", "AnnotationModel", "MergeCore",
        crypto, protobuf,
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ], swiftSettings: strict),

    // Programs.
    .target(
      name: "CommandLineKit", dependencies: [argumentParser], swiftSettings: strict),
    .target(
      name: "HashiyaCommand",
      dependencies: [
        "CommandLineKit", "MergeCore", "AnnotationModel", "SyncProtocol", "WorkspaceStore",
        "SyncClient", "Auditor", argumentParser,
      ], swiftSettings: strict),
    .target(
      name: "HashiyaServerCommand",
      dependencies: [
        "CommandLineKit", "MergeCore", "TransparencyLog", "AnnotationModel", "SyncProtocol",
        "WorkspaceStore", "SyncServer", "Auditor", argumentParser,
      ], swiftSettings: strict),
    .executableTarget(
      name: "hashiya", dependencies: ["HashiyaCommand", "CommandLineKit"], swiftSettings: strict),
    .executableTarget(
      name: "hashiya-server", dependencies: ["HashiyaServerCommand", "CommandLineKit"],
      swiftSettings: strict),

    // Test support and tests.
    .target(name: "WallClockShift", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "KillPoint", linkerSettings: [.linkedLibrary("dl")]),
    .target(
      name: "SimulationKit",
      dependencies: [
        "MergeCore", "TransparencyLog", "AnnotationModel", "SyncProtocol", "WorkspaceStore", crypto,
        grdb, protobuf,
      ], swiftSettings: fast),
    .testTarget(
      name: "MergeCoreTests", dependencies: ["MergeCore", "SimulationKit"], swiftSettings: fast),
    .testTarget(
      name: "TransparencyLogTests", dependencies: ["TransparencyLog"], swiftSettings: strict),
    .testTarget(
      name: "AnnotationModelTests", dependencies: ["AnnotationModel", "MergeCore"],
      swiftSettings: strict),
    .testTarget(
      name: "SyncProtocolTests",
      dependencies: [
        "SyncProtocol", "AnnotationModel", "MergeCore", "TransparencyLog", "SimulationKit", crypto,
        protobuf,
      ], swiftSettings: strict),
    .testTarget(
      name: "WorkspaceStoreTests",
      dependencies: [
        "WorkspaceStore", "SyncProtocol", "AnnotationModel", "MergeCore", "TransparencyLog",
        "Auditor", "SimulationKit", grdb,
      ], swiftSettings: strict),
    .testTarget(
      name: "AuditorTests",
      dependencies: [
        "Auditor", "WorkspaceStore", "SyncProtocol", "AnnotationModel", "MergeCore",
        "TransparencyLog", "SimulationKit", crypto, grdb, protobuf,
      ], swiftSettings: strict),
    .testTarget(
      name: "SyncServerTests",
      dependencies: [
        "SyncServer", "WorkspaceStore", "SyncProtocol", "AnnotationModel", "MergeCore",
        "TransparencyLog", "SimulationKit", crypto, grdb, protobuf,
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "SyncProtocol", "TransparencyLog", "AnnotationModel", "MergeCore", "SimulationKit", crypto,
        protobuf,
      ], swiftSettings: strict),
    .testTarget(
      name: "SyncClientTests",
      dependencies: [
        "SyncClient", "WorkspaceStore", "SyncProtocol", "AnnotationModel", "MergeCore",
        "TransparencyLog", "SimulationKit", crypto, protobuf,
        .product(name: "NIOCore", package: "swift-nio"),
      ], swiftSettings: strict),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "WorkspaceStore", "SyncClient", "SyncServer", "SyncProtocol", "AnnotationModel",
        "MergeCore", "TransparencyLog", "Auditor", "SimulationKit", protobuf,
      ], swiftSettings: strict),
    .testTarget(
      name: "CommandLineKitTests",
      dependencies: ["CommandLineKit", "SimulationKit", argumentParser], swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "SimulationKit", "CommandLineKit", "TransparencyLog", "SyncProtocol", "MergeCore",
        "SyncServer", "AnnotationModel", "WorkspaceStore",
      ], swiftSettings: strict),
  ]
)
