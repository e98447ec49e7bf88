// SPDX-License-Identifier: Apache-2.0

/// An array of a MATLAB file; all arrays have a shape, and elements in column-major order.
enum MATValue: Sendable, Hashable {
  /// Numbers of any class, each exactly what is stored up to 2^53.
  case numbers(shape: [Int], values: [Double])
  /// Characters, as UTF-16 code units.
  case text(shape: [Int], units: [UInt16])
  /// Arrays in an array.
  case cells(shape: [Int], values: [MATValue])
  /// An array of structures: for each element, a value for each field.
  case structures(shape: [Int], fields: [String], values: [[MATValue]])
  /// An array of a class that is not read, by the class's name.
  case unread(String)

  /// What it is, in a word.
  var kind: String {
    switch self {
    case .numbers(let shape, _): "numbers of shape \(shape)"
    case .text: "text"
    case .cells(let shape, _): "cells of shape \(shape)"
    case .structures(let shape, _, _): "structures of shape \(shape)"
    case .unread(let name): "an array of class \(name)"
    }
  }

  /// The one number of an array of one.
  var number: Double? {
    if case .numbers(_, let values) = self, values.count == 1 { values[0] } else { nil }
  }

  /// The one whole number of an array of one.
  var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// All numbers, if each is whole.
  var integers: [Int]? {
    guard case .numbers(_, let values) = self else { return nil }
    let whole = values.compactMap { Int(exactly: $0) }
    return whole.count == values.count ? whole : nil
  }

  /// The text of one row of characters.
  var string: String? {
    guard case .text(let shape, let units) = self else { return nil }
    guard units.isEmpty || (shape.count == 2 && shape[0] == 1) else { return nil }
    return String(decoding: units, as: UTF16.self)
  }

  /// The texts of a cell array.
  var strings: [String]? {
    guard case .cells(_, let values) = self else { return nil }
    let texts = values.compactMap(\.string)
    return texts.count == values.count ? texts : nil
  }
}
