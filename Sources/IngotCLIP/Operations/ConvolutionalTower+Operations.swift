// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A feature map among the results of a program.
struct MapPlace {
  /// The place of `[images × height × width, channels]`.
  let place: Int
  let images: Int
  let height: Int
  let width: Int
}

extension ProgramBuilder {
  /// Adds a step from map to map that has no kind of its own.
  ///
  /// - Parameters:
  ///   - name: the operation's.
  ///   - label: what is computed, in a word.
  ///   - x: the map that it takes.
  ///   - height: of the result; by default the operand's.
  ///   - width: likewise.
  ///   - field: what each number is made of.
  ///   - step: computes the result.
  /// - Returns: the result's place.
  mutating func add(
    _ name: String, _ label: String, _ x: MapPlace, height: Int? = nil, width: Int? = nil,
    field: @escaping ReceptiveField<R>.Function,
    _ step: @escaping @Sendable (FeatureMap<R>, Compute) throws -> Matrix<R>
  ) -> MapPlace {
    let (images, oldHeight, oldWidth) = (x.images, x.height, x.width)
    let place = add(
      name,
      .other(label, field: field) { operands, compute in
        try step(FeatureMap(pixels: operands[0], images: images, height: oldHeight, width: oldWidth), compute)
      }, x.place)
    return MapPlace(place: place, images: images, height: height ?? oldHeight, width: width ?? oldWidth)
  }

  /// Adds a convolution: its windows, unless it sees one place at a time, the product, bias or batch norm, the activation.
  mutating func add(
    _ name: String, _ convolution: Convolution<R>, activation: Activation, _ x: MapPlace, channels: Int
  ) -> MapPlace {
    let windows = Windows(
      height: x.height, width: x.width, channels: channels, kernel: convolution.kernel, stride: convolution.stride,
      padding: convolution.padding)
    var seen = x.place
    if convolution.kernel > 1 || convolution.stride > 1 {
      seen =
        add(
          "\(name).windows", "windows of \(convolution.kernel), padding \(convolution.padding)", x,
          field: ReceptiveField.windows(windows)
        ) { map, _ in
          Matrix(
            values: (0..<map.images).flatMap { windows.rows(of: map.image($0)) }, rows: map.images * windows.count,
            columns: convolution.weights.inputs)
        }.place
    }
    let product = add(
      name, convolution.weights, scale: convolution.affine.scale, bias: convolution.affine.shift, seen)
    return MapPlace(
      place: add("\(name).activation", activation, product), images: x.images, height: windows.outputHeight,
      width: windows.outputWidth)
  }

  mutating func add(
    _ name: String, _ convolution: DepthwiseConvolution<R>, _ x: MapPlace
  ) -> MapPlace {
    let windows = Windows(
      height: x.height, width: x.width, channels: 1, kernel: convolution.kernel, stride: convolution.stride,
      padding: convolution.kernel / 2)
    return add(
      name, "depthwise convolution", x, height: windows.outputHeight, width: windows.outputWidth,
      field: ReceptiveField.depthwise(convolution, windows)
    ) { map, compute in convolution.apply(map, compute).pixels }
  }

  /// Adds a norm of places or of groups of channels.
  mutating func add(
    _ name: String, _ norm: FeatureNorm<R>, activation: Activation = .identity, _ x: MapPlace
  ) -> MapPlace {
    let normed: Int
    if let groups = norm.groups {
      let field = ReceptiveField.groupNorm(norm, groups: groups, area: x.height * x.width)
      normed =
        add(name, "group norm", x, field: field) { map, compute in
          var map = map
          norm.apply(in: &map, compute)
          return map.pixels
        }.place
    } else {
      normed = add(name, .layerNorm(gain: norm.gain, bias: norm.bias, epsilon: norm.epsilon), x.place)
    }
    return MapPlace(
      place: add("\(name).activation", activation, normed), images: x.images, height: x.height, width: x.width)
  }

  /// Adds the pooling that takes the mean of each `size × size` window.
  mutating func addAveragePool(_ name: String, _ size: Int, _ x: MapPlace) -> MapPlace {
    guard size > 1 else { return x }
    let windows = Windows(height: x.height, width: x.width, channels: 1, kernel: size, stride: size, padding: 0)
    return add(
      name, "average pooling", x, height: x.height / size, width: x.width / size, field: ReceptiveField.mean(windows)
    ) { map, compute in map.averagePooled(size, compute).pixels }
  }

  /// Adds the average of all places of each image: one row for each.
  mutating func addAverage(_ name: String, _ x: MapPlace) -> Int {
    add(name, "average of all places", x, field: ReceptiveField.mean(ofRows: x.height * x.width)) { map, compute in
      map.average(compute)
    }.place
  }

  /// Begins a program with images, each `[size, size, 3]`.
  mutating func addPixels(_ images: [[R]], size: Int) -> MapPlace {
    let pixels = Matrix(values: images.flatMap { $0 }, rows: images.count * size * size, columns: 3)
    return MapPlace(
      place: add("vision.pixels", .constant(pixels)), images: images.count, height: size, width: size)
  }
}

extension ConvolutionalTower {
  func program(of images: [[R]]) -> Program<R> {
    var program = ProgramBuilder<R>()
    program.begin("vision.stem")
    let isActivated = configuration.block == .bottleneck
    var x = program.add(
      "vision.stem.conv", stem, activation: isActivated ? configuration.activation : .identity,
      program.addPixels(images, size: configuration.imageSize), channels: 3)
    if let stemNorm { x = program.add("vision.stem.norm", stemNorm, x) }
    if let border = configuration.stem.poolingBorder {
      let windows = Windows(height: x.height, width: x.width, channels: 1, kernel: 3, stride: 2, padding: 1)
      x = program.add(
        "vision.stem.pooling", "largest of a window, \(border.rawValue) outside", x, height: windows.outputHeight,
        width: windows.outputWidth, field: ReceptiveField.largest(windows, border: border)
      ) { map, compute in map.maxPooled(border: border, compute).pixels }
    }
    var channels = configuration.stem.width
    for (stage, blocks) in stages.enumerated() {
      if stage > 0, !downsamples.isEmpty {
        let name = "vision.downsamples.\(stage - 1)"
        program.begin(name)
        x = program.add("\(name).norm", downsamples[stage - 1].norm, x)
        x = program.add(
          "\(name).conv", downsamples[stage - 1].convolution, activation: .identity, x, channels: channels)
        channels = configuration.stages[stage].width
      }
      for (index, block) in blocks.enumerated() {
        let name = "vision.stages.\(stage).\(index)"
        program.begin(name)
        x = block.append(to: &program, name, x, channels: channels)
        channels = configuration.stages[stage].width
      }
    }
    program.begin("vision.head")
    if configuration.finalNorm == .beforePooling, let finalNorm {
      x = program.add("vision.post_norm", finalNorm, activation: configuration.activation, x)
    }
    var y = program.addAverage("vision.pooling", x)
    if configuration.finalNorm == .afterPooling, let finalNorm {
      y =
        program.add(
          "vision.post_norm", finalNorm, MapPlace(place: y, images: x.images, height: 1, width: 1)
        ).place
    }
    if let headMLP {
      y = program.add("vision.head.mlp.activation", .gelu, program.add("vision.head.mlp.up", headMLP.up, y))
      y = program.add("vision.head.mlp.down", headMLP.down, bias: headMLP.bias, y)
    } else {
      y = projection.append(to: &program, "vision.projection", y)
    }
    _ = program.add("vision.unit_length", .unitLength, y)
    return Program(program)
  }
}

extension ResidualBottleneck {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace {
    var y = x
    var identity = x
    var width = channels
    for (index, convolution) in convolutions.enumerated() {
      if !normsBefore.isEmpty {
        y = program.add("\(name).norm\(index + 1)", normsBefore[index], activation: activation, y)
      }
      if index == 0, let shortcut {
        identity = program.add("\(name).shortcut", shortcut, activation: .identity, y, channels: width)
      }
      let follows = normsBefore.isEmpty && index < convolutions.count - 1
      y = program.add(
        "\(name).conv\(index + 1)", convolution, activation: follows ? activation : .identity, y, channels: width)
      width = convolution.weights.outputs
    }
    let sum = program.add("\(name).residual", .sum, y.place, identity.place)
    let out = normsBefore.isEmpty ? program.add("\(name).activation", activation, sum) : sum
    return MapPlace(place: out, images: y.images, height: y.height, width: y.width)
  }
}

extension ConvNeXtBlock {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace {
    let y = program.add("\(name).norm", norm, program.add("\(name).depthwise", depthwise, x))
    let hidden = program.add("\(name).mlp.activation", activation, program.add("\(name).mlp.up", up, y.place))
    let end = program.add(
      "\(name).mlp.down", down, scale: downAffine.scale, bias: downAffine.shift, hidden)
    return MapPlace(
      place: program.add("\(name).residual", .sum, x.place, end), images: x.images, height: x.height, width: x.width)
  }
}
