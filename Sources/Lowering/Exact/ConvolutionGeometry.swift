import FixedPoint
import Model
import Program

/// A convolution as wiring and a matrix: x, zeros put between its words where it is transposed, through
/// `window`, times [G, K, N] (or [K, N] for one group).
struct ConvolutionGeometry {
  /// Zeros between the words of every axis; nil for none.
  var interior: [Int]?
  var window: Window
  /// [K, N] or [G, K, N].
  var matrixShape: [Int]
  /// For every word of the matrix, its place in the kernel.
  var matrix: [Int]

  /// - Parameters:
  ///   - input: the shape of x, channels last.
  ///   - output: the shape of the layer's result.
  init(_ convolution: Convolution, input: [Int], output: [Int]) {
    let rank = input.count - 1
    let kernel = Array(convolution.kernel.shape.prefix(rank))
    let channels = input[rank]
    let taps = kernel.reduce(1, *)
    let spans = kernel.indices.map { (kernel[$0] - 1) * convolution.dilation[$0] + 1 }
    switch convolution.kind {
    case .standard(let groups):
      let outputs = convolution.kernel.shape[rank + 1]
      let (perGroup, columns) = (channels / groups, outputs / groups)
      let rows = taps * perGroup
      window = .padded(convolution, kernel, spans, input, groups: groups > 1 ? groups : 0)
      matrixShape = groups > 1 ? [groups, rows, columns] : [rows, columns]
      matrix = (0..<groups).flatMap { group in
        (0..<rows).flatMap { row in (0..<columns).map { row * outputs + group * columns + $0 } }
      }
    case .depthwise:
      let multiplier = convolution.kernel.shape[rank + 1]
      window = .padded(convolution, kernel, spans, input, groups: channels)
      matrixShape = [channels, taps, multiplier]
      matrix = (0..<channels).flatMap { channel in
        (0..<taps).flatMap { tap in (0..<multiplier).map { (tap * channels + channel) * multiplier + $0 } }
      }
    case .transposed:
      // out[i · stride + t − before] += x[i] · kernel[t]: a plain convolution with the flipped kernel over x
      // with stride − 1 zeros between its words. `before` as in TensorFlow's gradient of a convolution.
      let outputs = convolution.kernel.shape[rank]
      var (before, after): ([Int], [Int]) = ([], [])
      for axis in 0..<rank {
        let (length, stride, span) = (output[axis], convolution.strides[axis], spans[axis])
        let steps = (length + stride - 1) / stride
        let cropped = convolution.padding == .same ? max((steps - 1) * stride + span - length, 0) / 2 : 0
        before.append(span - 1 - cropped)
        after.append(length - ((input[axis] - 1) * stride + 1) - before[axis] + span - 1)
      }
      interior = convolution.strides.map { $0 - 1 }
      window = Window(
        kernel: kernel, strides: Array(repeating: 1, count: rank), dilation: convolution.dilation,
        before: before, after: after)
      matrixShape = [taps * channels, outputs]
      matrix = (0..<taps).flatMap { tap in
        (0..<channels).flatMap { channel in
          (0..<outputs).map { ((taps - 1 - tap) * outputs + $0) * channels + channel }
        }
      }
    }
  }

  /// Zeros put between the words of x [spatial…, C]; nil for none.
  var spreading: Rearrangement? {
    guard let interior, interior.contains(where: { $0 > 0 }) else { return nil }
    let none = Array(repeating: 0, count: interior.count + 1)
    return .pad(before: none, after: none, interior: interior + [0], word: 0)
  }
}

extension Window {
  /// The window of a convolution that is not transposed.
  fileprivate static func padded(
    _ convolution: Convolution, _ kernel: [Int], _ spans: [Int], _ input: [Int], groups: Int
  ) -> Window {
    let pads = kernel.indices.map { axis in
      padding(convolution.padding, length: input[axis], span: spans[axis], stride: convolution.strides[axis])
    }
    return Window(
      kernel: kernel, strides: convolution.strides, dilation: convolution.dilation,
      before: pads.map(\.before),
      after: pads.map(\.after), groups: groups)
  }

  /// How many words TensorFlow adds before and after an axis.
  static func padding(_ kind: Convolution.Padding, length: Int, span: Int, stride: Int) -> Span {
    switch kind {
    case .valid: return Span(before: 0, after: 0)
    case .causal: return Span(before: span - 1, after: 0)
    case .same:
      let steps = (length + stride - 1) / stride
      let total = max((steps - 1) * stride + span - length, 0)
      return Span(before: total / 2, after: total - total / 2)
    }
  }

  /// The window of a pooling, one group per channel.
  init(_ pooling: Pooling, input: [Int], padding: Raw) {
    let pads = pooling.size.indices.map {
      Self.padding(pooling.padding, length: input[$0], span: pooling.size[$0], stride: pooling.strides[$0])
    }
    self.init(
      kernel: pooling.size, strides: pooling.strides, dilation: pooling.size.map { _ in 1 },
      before: pads.map(\.before), after: pads.map(\.after), groups: input[input.count - 1], padding: padding)
  }
}
