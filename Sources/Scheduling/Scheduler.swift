import Diagnostics
import Program

/// Plans every instruction: strategy and reuse factor as requested, then cycles and area by the cost model.
///
/// Time is followed in ns and cut into cycles at the usable clock period, as the HLS tool chains operations
/// into a cycle until it is full. An operation that is not a pipeline of its own logic starts on a cycle boundary
/// and occupies its hardware for its interval; the interval of the whole is the largest of those.
///
/// The design's program is `program.withLateWiring()`: the same words, with activations where they are small.
///
/// - Throws: `Failure(.badInput)` with every illegal request: reuse factors are refused with the reason and
///   the nearest legal ones, never moved.
public func schedule(_ program: Program, _ request: ScheduleRequest) throws(Failure) -> Design {
  var problems = problems(of: request, program)
  let part = Part.named(request.target.part)
  let planner = Planner(
    program: program.withLateWiring(), request: request, slowness: part?.slowness ?? 1)
  let wishes = planner.wishes(&problems)
  if !problems.isEmpty { throw Failure(.badInput, problems) }
  return planner.plan(wishes)
}

/// The part of a request that can be planned for.
///
/// - Throws: `Failure(.badInput)` with everything that is wrong with target and layer names.
func checked(_ program: Program, _ request: ScheduleRequest) throws(Failure) -> Part {
  let problems = problems(of: request, program)
  guard problems.isEmpty, let part = Part.named(request.target.part) else {
    throw Failure(.badInput, problems)
  }
  return part
}

private func problems(of request: ScheduleRequest, _ program: Program) -> [Diagnostic] {
  var problems: [Diagnostic] = []
  if Part.named(request.target.part) == nil {
    problems.append(
      Diagnostic(
        "unknown part '\(request.target.part)'",
        hint: "known devices: \(Part.catalogue.map(\.device).joined(separator: ", "))"))
  }
  if !(request.target.clockPeriod > 0.1 && request.target.clockPeriod < 1000) {
    problems.append(
      Diagnostic("clock period \(request.target.clockPeriod) ns is not between 0.1 and 1000 ns"))
  }
  let known = Set(program.layers.map(\.name))
  for name in request.layers.keys.sorted() where !known.contains(name) {
    problems.append(Diagnostic(place: name, "no layer has this name"))
  }
  return problems
}
