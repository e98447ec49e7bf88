// SPDX-License-Identifier: Apache-2.0

/// What an axis shows, before it is laid out.
public struct Axis: Sendable, Hashable {
  /// How values become lengths.
  public enum Kind: Sendable, Hashable {
    /// Equal differences are equally long.
    case linear
    /// Equal ratios are equally long; zero and negative values have no place and are drawn at the low edge, hollow.
    case logarithmic
  }

  /// How ticks are written.
  public enum Format: Sendable, Hashable {
    /// As they are; a common power of ten goes to the label.
    case number
    /// Shares of 0...1 as per cent.
    case percent
    /// Bytes in kB, MB or GB.
    case bytes
  }

  /// A tick at a place of its own.
  public struct Tick: Sendable, Hashable {
    /// Where it is.
    public var value: Double
    /// What is written there; empty for none.
    public var name: String

    /// Makes a tick.
    public init(_ value: Double, _ name: String) {
      self.value = value
      self.name = name
    }
  }

  /// What is measured, with its unit.
  public var label: String
  /// How values become lengths.
  public var kind: Kind
  /// How ticks are written.
  public var format: Format
  /// The ends, where the data should not decide.
  public var bounds: ClosedRange<Double>?
  /// Ticks, where nice numbers should not decide.
  public var ticks: [Tick]?
  /// Whether a linear axis reaches to zero.
  public var startsAtZero = false

  /// Makes an axis.
  ///
  /// - Parameters:
  ///   - label: what is measured.
  ///   - kind: linear or logarithmic.
  ///   - format: how ticks are written.
  ///   - bounds: the ends; by default the data's, widened to nice numbers. Both positive on a logarithmic axis.
  ///   - ticks: by default nice numbers.
  public init(
    _ label: String, kind: Kind = .linear, format: Format = .number, bounds: ClosedRange<Double>? = nil,
    ticks: [Tick]? = nil
  ) {
    self.label = label
    self.kind = kind
    self.format = format
    self.bounds = bounds
    self.ticks = ticks
  }

  /// An axis with a place for each of some names, at 0, 1, 2 and so on.
  ///
  /// - Parameters:
  ///   - label: what the names are.
  ///   - names: in order.
  /// - Returns: an axis that ends half a place beyond the outer names.
  public static func names(_ label: String, _ names: [String]) -> Axis {
    Axis(
      label, bounds: -0.5...(Double(max(1, names.count)) - 0.5),
      ticks: names.enumerated().map { Tick(Double($0.offset), $0.element) })
  }
}
