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
            "suite": suite.visible, "name": verdict.name.visible, "actual": verdict.actual.visible,
            "allowed": verdict.allowed.visible, "failed": !verdict.passed,
          ] as [String: Any]
        },
      ])
  }
}
