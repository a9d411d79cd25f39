/// The formats that the words of a tensor are converted to: one for all, or formats laid along its axes.
///
/// Converted words are words of one format whatever the layout, `result`: a word of a format with fewer fraction bits is
/// stored shifted to the result's lowest bit.
public enum FormatLayout: Hashable, Sendable {
  /// Every word is converted to one format.
  case uniform(FixedFormat)
  /// Each word is converted to its own format.
  case laid(LaidFormats)

  /// Lays `elements` along axes of `shape`, row major, and puts them in their shortest form: equal formats along an axis
  /// count once, and one format for all is `uniform`.
  ///
  /// - Parameter elements: one for each element of `shape`; nil where words become 0 (their format has no bits).
  public init(shape: [Int], _ elements: [FixedFormat?]) {
    let laid = LaidFormats(shape: shape, elements)
    if laid.shape.isEmpty, let format = laid.formats[0] {
      self = .uniform(format)
    } else {
      self = .laid(laid)
    }
  }

  /// The format of the converted words: the one format with its modes, or what all laid formats fit in, exactly.
  ///
  /// Where all words become 0 it is one unsigned bit.
  public var result: FixedFormat {
    switch self {
    case .uniform(let format): format
    case .laid(let laid): laid.result
    }
  }

  /// The formats that occur, each once; zeros not.
  public var formats: [FixedFormat] {
    switch self {
    case .uniform(let format): [format]
    case .laid(let laid): laid.formats.compactMap { $0 }
    }
  }
}

/// Formats laid along axes, as numpy broadcasts: `shape` against the end of the tensor's, with 1 along axes where formats
/// do not change.
///
/// This is how heterogeneously quantized networks (HGQ) have a format per element or per channel. An element whose
/// format has no bits at all is pruned: it is exactly 0, whatever is converted.
public struct LaidFormats: Hashable, Sendable {
  /// The lengths of the axes. Its first length is not 1.
  public let shape: [Int]
  /// The formats that occur, in order of first use; nil: words become 0. Not empty.
  public let formats: [FixedFormat?]
  /// For every element of `shape`, row major, the place of its format in `formats`.
  public let places: [Int]

  /// As `FormatLayout.init(shape:_:)`, a single format among them.
  fileprivate init(shape: [Int], _ elements: [FixedFormat?]) {
    precondition(!elements.isEmpty && elements.count == shape.reduce(1, *), "a format for every element")
    var formats: [FixedFormat?] = []
    var known: [FixedFormat?: Int] = [:]
    var places = elements.map { format in
      if let place = known[format] { return place }
      known[format] = formats.count
      formats.append(format)
      return formats.count - 1
    }
    var kept = shape
    for axis in kept.indices {
      // [outer, length, inner]: the same formats at every index of the axis?
      let inner = kept[(axis + 1)...].reduce(1, *)
      let block = inner * kept[axis]
      let isConstant = places.indices.allSatisfy { places[$0] == places[$0 / block * block + $0 % inner] }
      if !isConstant { continue }
      places = places.indices.filter { $0 % block < inner }.map { places[$0] }
      kept[axis] = 1
    }
    self.shape = Array(kept.drop { $0 == 1 })
    self.formats = formats
    self.places = places
  }

  /// The format all of them fit in, without modes; one unsigned bit where all words become 0.
  public var result: FixedFormat {
    let all = formats.compactMap { $0?.with(.trn, .wrap) }
    guard let first = all.first else { return FixedFormat(1, 1, signed: false) }
    return all.dropFirst().reduce(first) { .union($0, $1) }
  }

  /// The format of an element of `shape`; nil: zero.
  public subscript(element: Int) -> FixedFormat? { formats[places[element]] }

  /// How many elements have each of `formats`.
  public var counts: [Int] {
    var counts = [Int](repeating: 0, count: formats.count)
    for place in places { counts[place] += 1 }
    return counts
  }

  /// Whether the layout broadcasts to `shape` and leaves it as it is.
  public func fits(_ shape: [Int]) -> Bool {
    self.shape.count <= shape.count
      && zip(self.shape.reversed(), shape.reversed()).allSatisfy { $0 == 1 || $0 == $1 }
  }

  /// For every word of a tensor of `shape`, row major, the place of its format in `formats`. The layout fits it.
  public func places(in shape: [Int]) -> [Int] {
    shape == self.shape ? places : broadcastPlaces(of: self.shape, in: shape).map { places[$0] }
  }
}

extension FormatLayout {
  /// Converts the words of a tensor of `shape`, which have `fractionBits`, to words of `result`.
  public func convert(_ words: [Raw], shape: [Int], fractionBits: Int) -> [Raw] {
    switch self {
    case .uniform(let format): return words.map { format.quantize($0, fractionBits: fractionBits) }
    case .laid(let laid):
      let fraction = laid.result.fractionBits
      return zip(words, laid.places(in: shape)).map { word, place in
        guard let format = laid.formats[place] else { return 0 }
        return format.quantize(word, fractionBits: fractionBits) << Raw(fraction - format.fractionBits)
      }
    }
  }
}
