import Diagnostics
import Program

/// Plans every instruction: strategy and reuse factor as requested, then cycles and area by the cost model.
///
/// Time is followed in ns and cut into cycles at the usable clock period, as the HLS tool chains operations
/// into a cycle until it is full. An operation that is not a pipeline of its own logic starts on a cycle boundary
/// and occupies its hardware for its interval; the interval of the whole is the largest of those.
///
/// The design's program is `program.after(ProgramPass.scheduled)`: the same words, with activations where they are small;
/// scans that the request has as loops are in it still.
///
/// - Throws: `Failure(.badInput)` with every illegal request: reuse factors are refused with the reason and
///   the nearest legal ones, never moved.
public func schedule(_ program: Program, _ request: ScheduleRequest) throws(Failure) -> Design {
  var problems = problems(of: request, program)
  let planner = Planner(program: program.prepared(for: request), request: request)
  let choices = planner.choices(&problems)
  // A loop that is unrolled has the same problem in every step: it is said once.
  var said: Set<Diagnostic> = []
  problems = problems.filter { said.insert($0).inserted }
  if !problems.isEmpty { throw Failure(.badInput, problems) }
  return planner.plan(choices)
}

/// The part a search measures designs by: the largest share of anything it has. A part whose size is not known has no
/// shares: designs are then compared by those of a VU13P, which limits nothing.
///
/// - Throws: `Failure(.badInput)` with everything that is wrong with target and layer names.
func checked(
  _ program: Program, _ request: ScheduleRequest, _ limits: SearchLimits
) throws(Failure) -> (available: Resources, limits: SearchLimits) {
  let problems = problems(of: request, program)
  guard problems.isEmpty else { throw Failure(.badInput, problems) }
  if let part = request.target.choice.part { return (part.available, limits) }
  var limits = limits
  limits.resources = limits.resources ?? .unlimited
  return (PartCatalogue.standard.part(of: "xcvu13p")?.available ?? .unlimited, limits)
}

private func problems(of request: ScheduleRequest, _ program: Program) -> [Diagnostic] {
  var problems: [Diagnostic] = []
  // The number goes into scripts of the vendor's tool.
  if let problem = request.target.choice.problem { problems.append(problem) }
  if !(request.target.clockPeriod > 0.1 && request.target.clockPeriod < 1000) {
    problems.append(
      Diagnostic("clock period \(request.target.clockPeriod) ns is not between 0.1 and 1000 ns"))
  }
  var asked: [(layer: String?, strategy: Strategy?)] = [(nil, request.defaults.strategy)]
  for (layer, settings) in request.layers.sorted(by: { $0.key < $1.key }) {
    asked.append((layer, settings.strategy))
  }
  for (layer, strategy) in asked {
    guard let strategy, !Strategy.built.contains(strategy) else { continue }
    problems.append(Diagnostic(place: layer, "Strategy: \(strategy.rawValue) is not built by any backend"))
  }
  let known = Set(program.layers.map(\.name))
  for name in request.layers.keys.sorted() where !known.contains(name) {
    problems.append(Diagnostic(place: name, "no layer has this name"))
  }
  return problems
}
