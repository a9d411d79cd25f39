import Diagnostics
import Dispatch

/// How long one step of a plan takes.
public struct StepTime: Sendable {
  /// What the step does.
  public var step: String
  /// Nanoseconds per event, on one thread.
  public var nanoseconds: Double
}

extension Emulator {
  /// Runs events on one thread and times every step, reading the inputs and writing the results among them.
  ///
  /// - Parameter repeats: how often every tile is run; the fastest time of each step counts, as others were disturbed.
  public func profile(_ inputs: [BorrowedEvents], into outputs: [ResultBuffer], repeats: Int = 20)
    throws(Failure) -> [StepTime]
  {
    let events = try eventCount(inputs.map(\.count))
    let size = tileEvents(events)
    let job = Job(inputs: inputs, outputs: outputs, events: events)
    let workspace = Workspace(plan, kernels: kernels, events: size)
    let names = ["reading inputs"] + steps + ["writing results"]
    var totals = names.map { _ in 0.0 }
    for start in stride(from: 0, to: events, by: size) {
      let valid = min(size, events - start)
      var best = names.map { _ in UInt64.max }
      for _ in 0..<repeats {
        var before = DispatchTime.now().uptimeNanoseconds
        func stop(_ index: Int) {
          let now = DispatchTime.now().uptimeNanoseconds
          best[index] = min(best[index], now - before)
          before = DispatchTime.now().uptimeNanoseconds
        }
        workspace.read(job, start: start, valid: valid)
        stop(0)
        for (index, call) in plan.calls.enumerated() {
          workspace.run(call)
          stop(index + 1)
        }
        workspace.write(job, start: start, valid: valid)
        stop(names.count - 1)
      }
      for index in names.indices { totals[index] += Double(best[index]) }
    }
    return zip(names, totals).map { StepTime(step: $0, nanoseconds: $1 / Double(max(1, events))) }
  }
}
