// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension MobileTower {
  func program(of images: [[R]]) -> Program<R> {
    var program = ProgramBuilder<R>()
    program.begin("vision.stem")
    var x = program.addPixels(images, size: configuration.imageSize)
    var channels = 3
    for (convolution, name) in zip(stem, ["first", "second", "third"]) {
      x = convolution.append(to: &program, "vision.stem.\(name)", x, channels: channels)
      channels = configuration.stemWidth
    }
    for (index, stage) in stages.enumerated() {
      let width = configuration.stages[index].width
      if !stage.entrance.isEmpty { program.begin("vision.downsamples.\(index - 1)") }
      for (convolution, name) in zip(stage.entrance, ["spatial", "pointwise"]) {
        x = convolution.append(
          to: &program, "vision.downsamples.\(index - 1).\(name)", x, channels: channels,
          excitationName: "vision.downsamples.\(index - 1).excitation.0")
        channels = width
      }
      if let position = stage.position {
        program.begin("vision.stages.\(index).position")
        x = position.append(to: &program, "vision.stages.\(index).position.0", x, channels: width)
      }
      for (block, mixer) in stage.blocks.enumerated() {
        let name = "vision.stages.\(index).\(block)"
        program.begin(name)
        x = mixer.append(to: &program, name, x, channels: width)
      }
    }
    program.begin("vision.head")
    x = final.append(to: &program, "vision.final", x, channels: channels)
    let pooled = program.addAverage("vision.pooling", x)
    _ = program.add("vision.unit_length", .unitLength, projection.append(to: &program, "vision.projection", pooled))
    return Program(program)
  }
}

extension MobileConvolution {
  func append(
    to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int, excitationName: String? = nil
  ) -> MapPlace {
    var y: MapPlace
    switch kind {
    case .dense(let convolution):
      y = program.add(name, convolution, activation: .identity, x, channels: channels)
    case .depthwise(let convolution): y = program.add(name, convolution, x)
    }
    if let excitation { y = excitation.append(to: &program, excitationName ?? "\(name).excitation", y) }
    return MapPlace(
      place: program.add("\(name).activation", activation, y.place), images: y.images, height: y.height, width: y.width)
  }
}

extension Excitation {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace) -> MapPlace {
    let averages = program.addAverage("\(name).average", x)
    let hidden = program.add("\(name).activation", .relu, program.add("\(name).up", up, averages))
    let gates = program.add(
      "\(name).gates", .other("sigmoid") { operands, _ in Self.gates(operands[0]) },
      program.add("\(name).down", down, hidden))
    let (images, height, width) = (x.images, x.height, x.width)
    let scaled = program.add(
      name,
      .other("factor of each channel") { operands, compute in
        var map = FeatureMap(pixels: operands[0], images: images, height: height, width: width)
        Self.scale(&map, by: operands[1], compute)
        return map.pixels
      }, x.place, gates)
    return MapPlace(place: scaled, images: images, height: height, width: width)
  }
}

extension MobileMLP {
  /// Adds the branch to `x`.
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace {
    let y = spatial.append(to: &program, "\(name).spatial", x, channels: channels)
    let hidden = program.add("\(name).activation", activation, program.add("\(name).up", up, y.place))
    let end = program.add("\(name).down", down, scale: downAffine.scale, bias: downAffine.shift, hidden)
    return MapPlace(
      place: program.add("\(name).residual", .sum, x.place, end), images: x.images, height: x.height, width: x.width)
  }
}

extension RepMixerBlock {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace {
    let y = mixer.append(to: &program, "\(name).mixer", x, channels: channels)
    return mlp.append(to: &program, "\(name).mlp", y, channels: channels)
  }
}

extension PlaceAttentionBlock {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace {
    let affine = affine
    let normed =
      if let layerNorm {
        program.add("\(name).attention_norm", layerNorm, x.place)
      } else {
        program.add("\(name).attention_norm", "batch norm", x, field: ReceptiveField.affine(affine)) { map, _ in
          affine.applied(to: map.pixels)
        }.place
      }
    let rows = program.add("\(name).attention.qkv", qkv, bias: [], normed)
    let geometry = Attention.packed(
      sequences: x.images, tokens: x.height * x.width, width: channels, heads: heads, isCausal: false)
    let attended = program.add("\(name).attention", .attention(geometry), rows)
    let end = program.add(
      "\(name).attention.output", output, scale: outputAffine.scale, bias: outputAffine.shift, attended)
    let sum = program.add("\(name).attention.residual", .sum, x.place, end)
    return mlp.append(
      to: &program, "\(name).mlp", MapPlace(place: sum, images: x.images, height: x.height, width: x.width),
      channels: channels)
  }
}

extension ChannelAffine {
  /// Each number times the factor of its channel, plus its shift, rounded once.
  func applied(to x: Matrix<R>) -> Matrix<R> {
    var out = x
    for index in out.values.indices {
      let c = index % x.columns
      out.values[index] = shift[c].addingProduct(out.values[index], scale[c])
    }
    return out
  }
}
