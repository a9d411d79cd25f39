import FixedPoint

extension ProgramPass {
  /// A value all of whose words are known becomes a constant: what is computed of constants, and what is the same for all
  /// inputs. What it was computed from is left for `deadCode`.
  public static let constantFolding = ProgramPass(
    name: "constant folding", summary: "computes here what does not depend on the inputs"
  ) { program in
    let known = program.knownWords()
    return program.rewritten { rewriter, value in
      switch program[value].operation.form {
      case .input, .constant: rewriter.keep()
      case .wordwise, .product, .reduction, .wiring, .scan:
        let words = known[value.index].constants(program[value].type.count)
        rewriter.keep { instruction in
          guard let words else { return }
          instruction.operation = .constant(words)
          instruction.operands = []
        }
      }
    }
  }
}

extension KnownWords {
  /// All words, where each can be only one.
  fileprivate func constants(_ count: Int) -> [Raw]? {
    var words: [Raw] = []
    for facts in pattern {
      guard let word = facts.constant else { return nil }
      words.append(word)
    }
    return (0..<count).map { words[$0 % words.count] }
  }
}
