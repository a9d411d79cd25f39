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
  /// Runs events on one thread and times every step, reading inputs and writing results (as float32) among them.
  ///
  /// - Parameters:
  ///   - inputs: by program input, shape [events, …input shape].
  ///   - repeats: how often every tile is run; the fastest time of each step counts, as others were disturbed.
  public func profile(_ inputs: [EventData], repeats: Int = 20) throws(Failure) -> [StepTime] {
    let events = try eventCount(inputs.map(\.count))
    var outputs = results.map { [Float](repeating: 0, count: events * program[$0].type.count) }
    var times: [StepTime] = []
    Self.lend(inputs[...], to: []) { borrowed in
      Self.lend(&outputs, .float32, from: 0, to: []) { buffers in
        times = profile(Job(inputs: borrowed, outputs: buffers, events: events), repeats)
      }
    }
    return times
  }

  private func profile(_ job: Job, _ repeats: Int) -> [StepTime] {
    let size = tileEvents(job.events)
    let workspace = Workspace(plan, kernels: kernels, events: size)
    let dense = job.takesDense(plan) ? plan.dense : nil
    let fused = dense?.steps ?? 0
    let names = [dense?.description ?? "reading inputs"] + plan.summary[fused...] + ["writing results"]
    var totals = names.map { _ in 0.0 }
    for start in stride(from: 0, to: job.events, by: size) {
      let valid = min(size, job.events - start)
      var best = names.map { _ in UInt64.max }
      for _ in 0..<repeats {
        var before = DispatchTime.now().uptimeNanoseconds
        func stop(_ index: Int) {
          best[index] = min(best[index], DispatchTime.now().uptimeNanoseconds - before)
          before = DispatchTime.now().uptimeNanoseconds
        }
        // Where numbers do not fit, what dense layers would have done counts as theirs.
        for call in plan.calls[workspace.begin(job, start: start, valid: valid)..<fused] {
          workspace.run(call)
        }
        stop(0)
        for (index, call) in plan.calls[fused...].enumerated() {
          workspace.run(call)
          stop(index + 1)
        }
        workspace.write(job, start: start, valid: valid)
        stop(names.count - 1)
      }
      for index in names.indices { totals[index] += Double(best[index]) }
    }
    return zip(names, totals).map { StepTime(step: $0, nanoseconds: $1 / Double(max(1, job.events))) }
  }
}
