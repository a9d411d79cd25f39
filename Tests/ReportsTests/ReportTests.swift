import FixedPoint
import Program
import Reports
import Scheduling
import Testing

@Suite struct ReportTests {
  private func design() throws -> Design {
    var builder = ProgramBuilder(name: "net")
    builder.beginLayer("in", className: "Input")
    let x = builder.input("x", ValueType([2], FixedFormat(16, 6)))
    builder.endLayer(x)
    builder.beginLayer("relu", className: "Activation")
    let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
    let result = try builder.add("relu", .elementwise(.maximum), x, zero)
    builder.endLayer(result)
    builder.output(result)
    let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)
    return try schedule(builder.program, ScheduleRequest(target: target))
  }

  @Test func jsonReadsBackEqual() throws {
    let report = Report(
      try design(), numerics: "exact", notes: ["a \"note\""],
      agreement: .init(events: 10, argmax: 0.5, maximumError: 0.25))
    #expect(Report(json: report.json) == report)
    #expect(Report(json: "{}") == nil)
  }

  @Test func textNamesEveryLayerAndTheTotals() throws {
    let text = try Report(design(), numerics: "exact").text
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(text.hasPrefix("net: exact numerics, io_parallel, xcvu13p-flga2577-2-e, 5 ns clock\n"))
    #expect(rows.contains { $0.starts(with: ["in", "Input", "2"]) })
    #expect(rows.contains { $0.starts(with: ["relu", "Activation", "2"]) })
    #expect(rows.contains(["available", "12288", "1728000", "3456000", "5376", "1280"]))
  }

  @Test(
    arguments: [
      ("100ns", Budget.Latency.nanoseconds(100)), ("0.5us", .nanoseconds(500)), ("36cycles", .cycles(36)),
      ("36", nil), ("4BX", .crossings(4)), ("-1", nil), ("ns", nil), ("1.5", nil), ("9 parsecs", nil),
    ] as [(String, Budget.Latency?)])
  func readsLatencies(text: String, expected: Budget.Latency?) {
    #expect(Budget.Latency(text) == expected)
  }

  @Test func limitsAreHeldToTheLastUnit() throws {
    let report = Report(try design(), numerics: "exact")
    let lut = report.resources.lut
    for (limit, passes) in [
      (Budget.Limit.amount(lut), true), (.amount(lut - 1), false), (.percent(100), true),
    ] {
      #expect(Budget(limits: [\.lut: limit]).verdicts(report).map(\.passed) == [passes])
    }
    #expect(Budget(interval: 1).verdicts(report).map(\.passed) == [true])
    #expect(Budget(latency: .cycles(report.latencyCycles)).verdicts(report).map(\.passed) == [true])
  }
}
