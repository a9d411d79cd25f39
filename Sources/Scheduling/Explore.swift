import Diagnostics
import Program

/// Designs of which none is beaten by another in latency, interval, DSP, LUT, FF and block RAM together, by rising
/// latency.
///
/// Not every such design, which would be too many to read: for intervals and latencies at ratios of about
/// `ratio`, those with the least share of all resources, of DSPs, of LUTs, and of block RAMs.
///
/// - Parameters:
///   - limits: as in `search`: what lies outside is left out.
///   - ratio: the distance of neighbouring intervals and latencies, above 1.
/// - Throws: `Failure(.badInput)` for an impossible request, as `schedule`.
public func explore(
  _ program: Program, _ request: ScheduleRequest, limits: SearchLimits = SearchLimits(), ratio: Double = 1.5,
  effort: Int = 64
) throws(Failure) -> [Design] {
  let (available, limits) = try checked(program, request, limits)
  let planner = Planner(program: program.after(ProgramPass.scheduled), request: request, searching: true)
  if request.ioType == .stream {
    return front(
      Finder(planner: planner, available: available, limits: limits, effort: effort).streamDesigns())
  }
  var designs: [Design] = []
  let all = SearchSpace(planner)
  for interval in intervals(all.within(interval: limits.interval), ratio) {
    let space = all.within(interval: interval)
    for aim in aims(available) {
      var finder = Finder(planner: planner, available: available, limits: limits, effort: effort)
      finder.available = aim
      let most = limits.resources ?? available
      var latency = limits.latency
      while let best = finder.solver(space, latency: latency, resources: most).solve(width: effort).best {
        let design = finder.design(space, best)
        designs.append(design)
        if design.latency == 0 { break }
        latency = min(design.latency - 1, Int(Double(design.latency) / max(ratio, 1.01)))
      }
    }
  }
  return front(designs.filter { $0.interval <= limits.interval ?? .max })
}

/// The intervals some choice has, from the longest down, thinned to about `ratio` between neighbours.
private func intervals(_ space: SearchSpace, _ ratio: Double) -> [Int] {
  // Nothing to choose: there is one design.
  if space.layers.isEmpty { return [space.fixedInterval] }
  let all = Set(space.layers.flatMap { $0.options.map(\.interval) }).sorted(by: >)
  var kept: [Int] = []
  for interval in all where Double(kept.last ?? .max) >= Double(interval) * ratio || interval == all.last {
    kept.append(interval)
  }
  return kept
}

/// The part, and parts that have plenty of everything but one resource.
private func aims(_ available: Resources) -> [Resources] {
  var (dsp, lut, bram) = (Resources.unlimited, Resources.unlimited, Resources.unlimited)
  dsp.dsp = max(1, available.dsp)
  lut.lut = max(1, available.lut)
  bram.bram = max(1, available.bram)
  return [available, dsp, lut, bram]
}

/// The designs no other is at least as good as; of equal ones the first.
private func front(_ designs: [Design]) -> [Design] {
  func beats(_ a: Design, _ b: Design) -> Bool {
    a.latency <= b.latency && a.interval <= b.interval && a.resources.fits(b.resources)
  }
  let kept = designs.indices.filter { index in
    !designs.indices.contains { other in
      other != index && beats(designs[other], designs[index])
        && (!beats(designs[index], designs[other]) || other < index)
    }
  }
  return kept.map { designs[$0] }.sorted {
    ($0.latency, $0.interval, $0.resources.lut) < ($1.latency, $1.interval, $1.resources.lut)
  }
}
