import Diagnostics

extension Budget.Verdict {
  /// Verdicts as JUnit XML, which CI servers show as test results.
  ///
  /// - Parameters:
  ///   - suite: what was checked: the project's folder.
  ///   - failures: what kept a check from running; each is a test that ended in an error.
  /// - Throws: `Failure(.bug)` for a damaged template.
  public static func junit(
    _ verdicts: [Budget.Verdict], suite: String, failures: [Failure] = []
  ) throws(Failure) -> String {
    try Pages.render(
      "junit.xml",
      [
        "count": verdicts.count + failures.count, "failures": verdicts.filter { !$0.passed }.count,
        "errors": failures.count,
        "verdicts": verdicts.map { verdict in
          [
            "suite": suite.visible, "name": verdict.name.visible, "actual": verdict.actual.visible,
            "requirement": verdict.requirement.visible, "complaint": verdict.complaint.visible,
            "note": verdict.note.map { [["text": $0.visible]] } ?? [], "failed": !verdict.passed,
          ] as [String: Any]
        },
        "stopped": failures.map { failure in
          [
            "suite": suite.visible, "message": failure.description.visibleLines.joined(separator: "\n"),
            "code": failure.kind.rawValue,
          ] as [String: Any]
        },
      ])
  }

  /// Verdicts as a table in Markdown, as the step summaries of GitHub and the comments of GitLab show it.
  public static func markdown(
    _ verdicts: [Budget.Verdict], suite: String, failures: [Failure] = []
  ) -> String {
    let failed = verdicts.count { !$0.passed }
    let head =
      !failures.isEmpty
      ? "could not be checked"
      : failed > 0
        ? "\(failed) of \(verdicts.count) checks failed"
        : "all \(verdicts.count) checks passed"
    var lines = ["### \(suite.inMarkdown): \(head)", ""]
    if !verdicts.isEmpty {
      lines += ["| | check | found | allowed | |", "|---|---|---|---|---|"]
      lines += verdicts.map { verdict in
        let cells = [
          verdict.passed ? "pass" : "**FAIL**", verdict.name.inMarkdown, verdict.actual.inMarkdown,
          verdict.requirement.inMarkdown, verdict.note?.inMarkdown ?? "",
        ]
        return "| \(cells.joined(separator: " | ")) |"
      }
      lines.append("")
    }
    for failure in failures {
      let text = failure.description.replacing("\n", with: "; ")
      lines.append("**error**: \(text.inMarkdown)\n")
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// As plain text in a cell of a Markdown table: a name from a file makes no link, tag or column.
  var inMarkdown: String {
    String(visible.flatMap { "\\`*_{}[]<>()#|!~".contains($0) ? ["\\", $0] : [$0] })
  }
}
