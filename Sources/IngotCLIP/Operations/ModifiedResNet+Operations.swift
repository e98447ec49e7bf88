// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension ModifiedResNet {
  func program(of images: [[R]]) -> Program<R> {
    var program = ProgramBuilder<R>()
    program.begin("vision.stem")
    var x = program.addPixels(images, size: ResidualNetworkConfiguration.reduction * configuration.grid)
    var channels = 3
    for (index, convolution) in stem.enumerated() {
      x = program.add("vision.stem.conv\(index + 1)", convolution, activation: .relu, x, channels: channels)
      channels = convolution.weights.outputs
    }
    x = program.addAveragePool("vision.stem.pooling", 2, x)
    for (stage, blocks) in stages.enumerated() {
      for (index, block) in blocks.enumerated() {
        let name = "vision.stages.\(stage).\(index)"
        program.begin(name)
        x = block.append(to: &program, name, x, channels: channels)
        channels = block.conv3.weights.outputs
      }
    }
    program.begin("vision.head")
    _ = program.add("vision.unit_length", .unitLength, pool.append(to: &program, "vision.attention_pool", x))
    return Program(program)
  }
}

extension Bottleneck {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace {
    let first = program.add("\(name).conv1", conv1, activation: .relu, x, channels: channels)
    let second = program.addAveragePool(
      "\(name).pooling", stride,
      program.add("\(name).conv2", conv2, activation: .relu, first, channels: conv1.weights.outputs))
    let third = program.add(
      "\(name).conv3", conv3, activation: .identity, second, channels: conv2.weights.outputs)
    var identity = x
    if let shortcut {
      identity = program.add(
        "\(name).shortcut", shortcut, activation: .identity,
        program.addAveragePool("\(name).shortcut.pooling", stride, x), channels: channels)
    }
    let sum = program.add("\(name).residual", .sum, third.place, identity.place)
    return MapPlace(
      place: program.add("\(name).activation", .relu, sum), images: x.images, height: third.height, width: third.width)
  }
}

extension AttentionPool {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace) -> Int {
    let (images, tokens) = (x.images, x.height * x.width + 1)
    let area = x.height * x.width
    let field: ReceptiveField<R>.Function = { place, _ in
      let (image, token) = place.row.quotientAndRemainder(dividingBy: area + 1)
      guard token == 0 else {
        return .moved(NumberPlace(row: image * area + token - 1, column: place.column))
      }
      return .mean((image * area..<(image + 1) * area).map { NumberPlace(row: $0, column: place.column) })
    }
    let tokensAlone = program.add("\(name).tokens", "mean and places", x, field: field) { map, compute in
      self.tokensAlone(of: map, compute)
    }.place
    let rows = Matrix(values: positions, rows: tokens, columns: query.weights.inputs)
    let all = program.add("\(name).position_embedding", .placement(rows: rows, extra: 0), tokensAlone)
    let means = program.add("\(name).mean", .selection((0..<images).map { $0 * tokens }), all)
    let attended = program.add(
      "\(name).attention",
      .attention(
        .pooling(lengths: [Int](repeating: tokens, count: images), width: query.weights.outputs, heads: heads)),
      program.add("\(name).query", query, means), program.add("\(name).key", key, all),
      program.add("\(name).value", value, all))
    return program.add("\(name).output", output, attended)
  }
}
