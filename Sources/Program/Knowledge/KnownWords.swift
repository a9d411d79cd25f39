import FixedPoint

/// What is known of every word of a tensor.
///
/// Facts that repeat are kept once: one for all words, one for every position of the last axis, or one for every word.
public struct KnownWords: Hashable, Sendable {
  /// Of the words in row-major order, repeated until they are all done. The count divides the number of words.
  public let pattern: [WordFacts]

  /// The same of all words.
  public init(_ facts: WordFacts) { pattern = [facts] }

  /// The words of an interval.
  public init(_ interval: Interval) { self.init(WordFacts(interval)) }

  /// Facts that repeat, not empty.
  init(pattern: [WordFacts]) { self.pattern = pattern }

  /// What is known of a word, row major. Positions of the last axis are words too where the facts repeat along it.
  public subscript(word: Int) -> WordFacts { pattern[pattern.count == 1 ? 0 : word % pattern.count] }

  /// What holds for all words.
  public var hull: WordFacts { pattern.dropFirst().reduce(pattern[0]) { $0.hull($1) } }

  /// The smallest interval around all words.
  public var interval: Interval { hull.interval }

  /// Exactly these words, `period` of them repeated or (what holds for all that stand at the same place) fewer.
  init(words: [Raw], period: Int) {
    var facts = words.prefix(period).map { WordFacts($0) }
    for (index, word) in words.enumerated().dropFirst(period) {
      let place = index % period
      if facts[place].constant != word { facts[place] = facts[place].hull(WordFacts(word)) }
    }
    pattern = facts
  }

  func map(_ transform: (WordFacts) -> WordFacts) -> KnownWords {
    KnownWords(pattern: pattern.map(transform))
  }

  /// What holds for all words at the same place of `period` words.
  ///
  /// - Parameter count: a number of words that holds both periods whole.
  func folded(to period: Int, count: Int) -> KnownWords {
    if period % pattern.count == 0 { return self }
    var facts: [WordFacts] = []
    facts.reserveCapacity(period)
    for word in 0..<count {
      let next = self[word]
      if word < period { facts.append(next) } else { facts[word % period] = facts[word % period].hull(next) }
    }
    return KnownWords(pattern: facts)
  }

  /// The same facts, kept once where they are all equal or repeat along the last axis.
  func compacted(lastAxis: Int) -> KnownWords {
    func repeats(_ period: Int) -> Bool {
      pattern.count % period == 0
        && (period..<pattern.count).allSatisfy { pattern[$0] == pattern[$0 - period] }
    }
    if repeats(1) { return KnownWords(pattern[0]) }
    return lastAxis < pattern.count && repeats(lastAxis)
      ? KnownWords(pattern: Array(pattern[..<lastAxis])) : self
  }
}

/// How fine the analysis of words is.
public enum WordDetail: Hashable, Sendable {
  /// One fact for every position of the last axis, for all words at it, and intervals that know nothing of zero bits.
  ///
  /// This is the view that formats and figures depend on: the exact policy's formats, the emulator's storage, reports.
  case channels
  /// Every word of tensors of at most so many words, and intervals that end where their zero bits allow; larger tensors
  /// by position of the last axis.
  case words(upTo: Int)

  /// Every word, of tensors that are not large images: a fact takes 48 bytes.
  public static let words = WordDetail.words(upTo: 1 << 16)
}

extension Program {
  /// For every value what is known of each of its words, by interval arithmetic and zero bits on raw integers: sound (no
  /// event within the given inputs gives other words), not always tight.
  ///
  /// Time and memory are linear in the words and the products with constants.
  ///
  /// - Parameter inputs: what is known of each of `inputs`; nil means every word of its format.
  /// - Precondition: the program passes `verify()`.
  public func knownWords(inputs given: [KnownWords]? = nil, detail: WordDetail = .words) -> [KnownWords] {
    var known: [KnownWords] = []
    known.reserveCapacity(instructions.count)
    for index in instructions.indices {
      if let given, let slot = inputs.firstIndex(of: ValueID(index)) {
        known.append(given[slot])
      } else {
        known.append(knownWords(of: ValueID(index), given: known, detail: detail))
      }
    }
    return known
  }

  /// What is known of one value, from what is known of the values before it. An input has every word of its format.
  public func knownWords(of id: ValueID, given known: [KnownWords], detail: WordDetail) -> KnownWords {
    let instruction = self[id]
    let analysis = WordAnalysis(
      result: instruction.type,
      operands: instruction.operands.map {
        KnownOperand(id: $0, type: self[$0].type, known: known[$0.index], words: constant($0))
      }, detail: detail)
    let result: KnownWords
    switch instruction.operation.form {
    case .input: result = KnownWords(WordFacts(instruction.type.format))
    case .constant(let words): result = analysis.constant(words)
    case .wordwise(let operation): result = analysis.words(operation)
    case .product, .reduction(.sum):
      guard let sums = sums(of: id, given: known) else {
        return KnownWords(WordFacts(instruction.type.format))
      }
      let outputs = KnownWords(pattern: sums.outputs.map(\.result))
      let lastAxis = instruction.type.shape.last ?? 1
      result =
        detail == .channels
        ? outputs.folded(to: lastAxis, count: outputs.pattern.count) : outputs.compacted(lastAxis: lastAxis)
    case .reduction(let reduction): result = analysis.reduce(reduction)
    case .wiring(.window(let window)): result = analysis.window(window)
    case .wiring(.rearrange(let rearrangement)): result = analysis.rearrange(rearrangement)
    case .scan(let scan): result = analysis.scan(scan)
    }
    return detail == .channels ? result : result.map(\.tightened)
  }
}

/// What a transfer function knows of an operand.
struct KnownOperand {
  let id: ValueID
  let type: ValueType
  var known: KnownWords
  /// The words, if the operand is a constant.
  let words: [Raw]?

  var lastAxis: Int { type.shape.last ?? 1 }
  var fractionBits: Int { type.format.fractionBits }
  /// Whether facts repeat along the last axis.
  var isPeriodic: Bool { lastAxis % known.pattern.count == 0 }

  /// The facts of the numbers as integer multiples of 2^−fraction.
  func aligned(to fraction: Int) -> KnownWords {
    fraction == fractionBits ? known : known.map { $0.shifted(left: fraction - fractionBits) }
  }

  /// Facts that repeat along the last axis.
  var coarse: KnownWords {
    isPeriodic ? known : known.folded(to: lastAxis, count: type.count)
  }
}

/// The transfer functions: what is known of an instruction's result, from what is known of its operands. (Those of sums
/// are in `SumAnalysis`.)
struct WordAnalysis {
  let result: ValueType
  var operands: [KnownOperand]
  let detail: WordDetail

  var lastAxis: Int { result.shape.last ?? 1 }

  /// Whether there are facts for each of `count` words.
  func isWordByWord(_ count: Int) -> Bool { detail.keepsWords(of: count) }

  func constant(_ words: [Raw]) -> KnownWords {
    if isWordByWord(words.count) {
      return KnownWords(words: words, period: words.count).compacted(lastAxis: lastAxis)
    }
    return KnownWords(words: words, period: lastAxis)
  }
}

extension WordDetail {
  /// Whether there are facts for each of `count` words.
  func keepsWords(of count: Int) -> Bool {
    switch self {
    case .channels: false
    case .words(let limit): count <= limit
    }
  }
}
