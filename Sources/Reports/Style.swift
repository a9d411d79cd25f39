/// How a text report is written: with colours on a terminal, plain everywhere else.
public enum TextStyle: Sendable {
  /// Letters only.
  case plain
  /// ANSI colours.
  case coloured

  enum Ink: String {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  func paint(_ text: String, _ ink: Ink) -> String {
    switch self {
    case .plain: text
    case .coloured: "\u{1b}[\(ink.rawValue)m\(text)\u{1b}[0m"
    }
  }
}

extension Budget.Verdict {
  /// Verdicts as lines, one each.
  public static func lines(_ verdicts: [Budget.Verdict], style: TextStyle = .plain) -> [String] {
    let rows = verdicts.map {
      [
        $0.passed ? "pass" : "FAIL", $0.name.visible, $0.actual.visible,
        "\($0.requirement)\($0.note.map { "; \($0)" } ?? "")".visible,
      ]
    }
    return zip(verdicts, Report.aligned(rows, numbersFrom: 4)).map {
      style.paint($1, !$0.passed ? .red : $0.note == nil ? .green : .yellow)
    }
  }
}
