import FixedPoint
import Program
import Testing

@testable import Scheduling

/// Searches that cannot succeed, and the bounds by which the search knows.
@Suite struct HopelessSearchTests {
  private let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)

  private func space(_ program: Program) throws -> SearchSpace {
    let request = ScheduleRequest(target: target)
    return SearchSpace(Planner(program: program, request: request)).within(interval: nil)
  }

  /// The least latency is that of the fastest design, and one cycle less is proven impossible without a search: the
  /// nearest design names the least.
  @Test(arguments: [3, 30, 100]) func theLeastLatencyIsKnown(_ count: Int) throws {
    let program = try randomNetwork(Array(repeating: 16, count: count + 1), seed: 5)
    let space = try space(program)
    let available = PartCatalogue.standard.part(of: target.part)?.available ?? Resources()
    let least = Solver(space, limits: .init(latency: nil, resources: nil), available: available).leastLatency
    let request = ScheduleRequest(target: target)
    guard
      case .nothingFits(let nearest, let isProven) = try search(
        program, request, limits: SearchLimits(latency: least - 1))
    else {
      Issue.record("faster than the least")
      return
    }
    #expect(isProven)
    #expect(nearest.first?.design.latency == least)
    #expect(nearest.first?.needs == ["latency \(least) cycles instead of \(least - 1)"])
    guard
      case .found(let found) = try search(
        program, request, limits: SearchLimits(latency: least), effort: 64)
    else {
      Issue.record("the least is not reached")
      return
    }
    #expect(found.design.latency == least)
  }

  /// Tables in units of several cycles, which long limits get, never promise less than tables in cycles do: they stay bounds.
  @Test(arguments: [7, 40, 150]) func coarseBoundsAreBounds(_ latency: Int) throws {
    let program = try randomNetwork([12, 6, 18, 12, 6], seed: 9, skip: true)
    let space = try space(program)
    let exact = RemainderBounds(space, latency: latency, entries: 1 << 20)
    var isCoarser = false
    for entries in [4, 16, 50] {
      let coarse = RemainderBounds(space, latency: latency, entries: entries)
      for stage in 0...space.layers.count {
        for elapsed in stride(from: 0.0, to: Double(latency + 2), by: 0.75) {
          guard let least = exact.resources(after: stage, elapsed: elapsed) else { continue }
          let bound = try #require(coarse.resources(after: stage, elapsed: elapsed))
          #expect(bound.fits(least), "\(entries) entries, stage \(stage), \(elapsed) cycles")
          isCoarser = isCoarser || bound != least
        }
      }
    }
    #expect(isCoarser)
  }
}
