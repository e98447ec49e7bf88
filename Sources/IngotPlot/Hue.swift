// SPDX-License-Identifier: Apache-2.0

/// A colour by its meaning; what it looks like depends on light, dark or paper.
///
/// The colours of series differ in lightness too, and each series has a marker and a dash pattern of its own, so that no picture needs
/// colour to be understood. They follow Okabe and Ito's set, darkened to a contrast of 3:1 on white and lightened to it on black.
public enum Hue: Sendable, Hashable {
  /// The n-th series, from 0; after six they begin again.
  case series(Int)
  /// Within tolerance.
  case pass
  /// Out of tolerance.
  case fail
  /// In the background: limits, references.
  case muted
  /// As text.
  case ink

  /// The end of the names of its classes.
  var name: String {
    switch self {
    case .series(let index): "\(((index % Self.series) + Self.series) % Self.series + 1)"
    case .pass: "pass"
    case .fail: "fail"
    case .muted: "muted"
    case .ink: "ink"
    }
  }

  /// How many series have colours of their own.
  static let series = 6

  /// All colours: name, on light, on dark.
  static let all: [(name: String, light: String, dark: String)] = [
    ("1", "#0b6bb3", "#62b2f0"),
    ("2", "#c8500a", "#ff9557"),
    ("3", "#0a8263", "#3fcf9f"),
    ("4", "#9a3f8a", "#e594d6"),
    ("5", "#8a6a00", "#e0c04a"),
    ("6", "#56616d", "#a9b4bf"),
    ("pass", "#0a7a4f", "#3fcf8f"),
    ("fail", "#c02a12", "#ff7d66"),
    ("muted", "#5b6672", "#98a3af"),
    ("ink", "#1a2027", "#e8ecf0"),
  ]
}

/// The shape of a point.
public enum Marker: Sendable, Hashable {
  /// The shape that goes with a series' colour.
  case series(Int)
  /// A five-pointed star, for what all else is compared with.
  case star
  /// A ring.
  case ring
  /// No marker.
  case none
}

/// How points are joined.
public enum Stroke: Sendable, Hashable {
  /// Not at all.
  case none
  /// A line.
  case solid
  /// A line of dashes.
  case dashed
  /// A line of dots.
  case dotted
  /// A staircase that falls, or rises, at the next point.
  case steps
}
