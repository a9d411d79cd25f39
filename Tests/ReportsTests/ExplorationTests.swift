import FixedPoint
import Foundation
import Program
import Reports
import Scheduling
import Testing

@Suite struct ExplorationTests {
  private func program() throws -> Program {
    var builder = ProgramBuilder(name: "net")
    builder.beginLayer("x", className: "Input")
    var value = builder.input("x", ValueType([8], FixedFormat(16, 6)))
    builder.endLayer(value)
    for name in ["fc, first", "fc2"] {
      builder.beginLayer(name, className: "Dense")
      let weights = builder.constant(
        "w", ValueType([8, 8], FixedFormat(8, 1)), (0..<64).map { Raw(37 * $0 % 251 - 125) })
      let bias = builder.constant("b", ValueType([8], FixedFormat(8, 1)), Array(repeating: 0, count: 8))
      let affine = Affine(product: nil, accumulator: FixedFormat(16, 6))
      value = try builder.add("sums", .affine(affine), value, weights, bias)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  private let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)

  @Test func noDesignOfTheFrontBeatsAnother() throws {
    let designs = try explore(program(), ScheduleRequest(target: target))
    #expect(designs.count >= 5)
    for a in designs.indices {
      for b in designs.indices where a != b {
        let isBeaten =
          designs[b].latency <= designs[a].latency && designs[b].interval <= designs[a].interval
          && designs[b].resources.fits(designs[a].resources)
        #expect(!isBeaten)
      }
    }
    // The design of least share within a latency is as good as the front's at that latency.
    for design in designs {
      let limits = SearchLimits(latency: design.latency)
      guard case .found(let found) = try search(program(), ScheduleRequest(target: target), limits: limits)
      else {
        Issue.record("nothing within \(design.latency) cycles")
        continue
      }
      let available = try #require(PartCatalogue.standard.part(of: target.part)).available
      #expect(found.share <= design.resources.largestShare(of: available))
    }
  }

  @Test func limitsHoldForEveryDesign() throws {
    let limits = SearchLimits(latency: 12, interval: 8)
    for design in try explore(program(), ScheduleRequest(target: target), limits: limits) {
      #expect(design.latency <= 12 && design.interval <= 8)
    }
  }

  @Test func tablesHoldEveryDesign() throws {
    let designs = try explore(program(), ScheduleRequest(target: target))
    let front = Exploration(designs, model: "net", part: target.part)
    let lines = front.csv.split(separator: "\n")
    #expect(lines.count == designs.count + 1)
    #expect(lines[0] == "cycles,ns,II,DSP,LUT,FF,BRAM18,URAM,\"fc, first\",fc2")
    #expect(
      lines[1].split(separator: ",").prefix(3) == [
        "\(designs[0].latency)", "\(5 * designs[0].latency)", "\(designs[0].interval)",
      ])
    #expect(front.text.split(separator: "\n").count == designs.count + 1)
    let read = try JSONDecoder().decode(Exploration.self, from: Data(front.json.utf8))
    #expect(read == front)
  }
}
