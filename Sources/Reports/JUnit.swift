import Diagnostics
extension Budget.Verdict {
  /// Verdicts as JUnit XML, which CI servers show as test results.
  ///
  /// - Parameter suite: what was checked: the project's folder.
  /// - Throws: `Failure(.bug)` for a damaged template.
  public static func junit(_ verdicts: [Budget.Verdict], suite: String) throws(Failure) -> String {
    try Pages.render(
      "junit.xml",
      [
        "count": verdicts.count, "failures": verdicts.filter { !$0.passed }.count,
        "verdicts": verdicts.map { verdict in
          [
            "suite": suite.printable, "name": verdict.name.printable, "actual": verdict.actual.printable,
            "allowed": verdict.allowed.printable, "failed": !verdict.passed,
          ] as [String: Any]
        },
      ])
  }
}

extension String {
  /// Without the control characters XML cannot hold, escaped or not.
  var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          let isControl = scalar.value < 0x20 && !"\t\n\r".unicodeScalars.contains(scalar)
          return isControl || scalar.value == 0xfffe || scalar.value == 0xffff ? "\u{fffd}" : scalar
        }))
  }

  /// Without control characters, which a hostile file could use to rewrite a terminal or a table.
  var visible: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "\u{fffd}" : $0 }))
  }
}
