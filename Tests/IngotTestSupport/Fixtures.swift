// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Paths of the committed fixtures.
public enum Fixtures {
  /// The repository's `Fixtures` folder, found from this file's own place.
  public static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures", directoryHint: .isDirectory)

  /// The path of one fixture, for example `vit-tiny/state_dict.pt`.
  public static func path(_ name: String) -> String {
    folder.appending(path: name).path
  }
}
