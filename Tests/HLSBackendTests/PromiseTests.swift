import Backends
import FixedPoint
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// Promised intervals hold in the emitted text: how often its loops run, and what they are pipelined to, is read from
/// the text alone and held against what scheduling says.
@Suite struct PromiseTests {
  /// What a function's text says of its time.
  struct Pace: Equatable {
    /// The interval of a function that is a pipeline itself; nil: it runs its loops.
    var pipeline: Int?
    /// Passes through the loops, times what they are pipelined to.
    var cycles = 0
    /// Whether its loop continues with the next event.
    var rewinds = false

    /// The least cycles between two events: loops that end are left and entered again.
    var interval: Int { pipeline ?? (cycles == 0 ? .max : rewinds ? cycles : cycles + 2) }
  }

  /// Reads the functions of a project's layers, by name.
  static func paces(_ text: String) -> [String: Pace] {
    var paces: [String: Pace] = [:]
    var name = ""
    // The passes of the loops around a line, outermost first, and whether one of them is a pipeline.
    var loops: [(depth: Int, passes: Int, isPipeline: Bool)] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (number, line) in lines.enumerated() {
      if let match = line.firstMatch(of: #/^TF_(LAYER|INLINE|PROCESS) void (\w+)\(/#) {
        name = String(match.2)
        paces[name] = Pace()
        loops = []
      }
      let code = line.drop { $0 == " " }
      let depth = line.count - code.count
      if !line.hasPrefix("#") { loops.removeAll { $0.depth >= depth && !code.isEmpty } }
      let around = loops.reduce(1) { $0 * $1.passes }
      let isInPipeline = loops.contains { $0.isPipeline }
      func add(_ cycles: Int) {
        // A loop inside another is left and entered again before every pass but the first.
        if !isInPipeline, cycles > 0 { paces[name]?.cycles += around * cycles + 2 * (around - 1) }
      }
      if let match = code.firstMatch(of: #/^for \(int \w+ = 0; \w+ < (\d+); /#), let count = Int(match.1) {
        let head = lines[(number + 1)...].prefix(2).joined(separator: " ")
        let passes = head.contains("TF_UNROLL") && lines[number - 1].contains("TF_UNROLL_NEXT") ? 1 : count
        let isUnrolled = lines[number - 1].contains("TF_UNROLL_NEXT")
        var isPipeline = !isUnrolled && (head.contains(#/^ *TF_(PIPELINE|FLOW)/#))
        var interval = 1
        if let match = head.firstMatch(of: #/^#ifndef __BAMBU__ #pragma HLS PIPELINE II=(\d+)/#) {
          isPipeline = true
          interval = Int(match.1) ?? 1
          if head.contains("rewind") { paces[name]?.rewinds = true }
        }
        // The last pass takes a cycle at least; loops around are one with it.
        if isPipeline, !isInPipeline { paces[name]?.cycles += (around * passes - 1) * interval + 1 }
        loops.append((depth, passes, isPipeline))
      } else if let match = code.firstMatch(of: #/^#pragma HLS PIPELINE II=(\d+)/#), loops.isEmpty {
        paces[name]?.pipeline = Int(match.1)
      } else if let match = code.firstMatch(of: #/tf::affine_(reuse|rewind)<\d+, (\d+), /#) {
        add((Int(match.2) ?? 0))
        if match.1 == "rewind" { paces[name]?.rewinds = true }
      } else if let match = code.firstMatch(of: #/tf::affine_columns(_rewind)?<\d+, (\d+), (\d+), /#) {
        add((Int(match.2) ?? 0) * (Int(match.3) ?? 0))
        if match.1 != nil { paces[name]?.rewinds = true }
      } else if let match = code.firstMatch(of: #/tf::(read|write)_all<(\d+), /#) {
        add(Int(match.2) ?? 0)
      } else if let match = code.firstMatch(of: #/^(\w+_(at|step)\w*)\(/#), let inner = paces[String(match.1)]
      {
        add(inner.cycles)
      }
    }
    return paces
  }

  private func networks() throws -> [Design] {
    let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)
    var designs: [Design] = []
    for seed in UInt64(0)..<40 {
      var options = RandomProgramOptions()
      options.maximumCount = 400
      var random = RandomProgram(seed: seed, options: options)
      let program = seed % 2 == 0 ? random.convolutionalNetwork() : layered(RandomProgram.program(seed: seed))
      for (io, strategy, reuse) in [
        (IOType.parallel, Strategy.resource, 2), (.parallel, .latency, 3), (.stream, .resource, 2),
        (.stream, .latency, 2),
      ] {
        var request = ScheduleRequest(target: target, defaults: .init(strategy: strategy, reuseFactor: reuse))
        request.ioType = io
        request.defaults.parallelizationFactor = [1, 2, nil][Int(seed) % 3]
        // Not every reuse factor is legal for every matrix.
        guard let design = try? schedule(program, request) else { continue }
        designs.append(design)
      }
    }
    for seed in UInt64(0)..<12 {
      let program = try RandomProgram.recurrent(seed: seed)
      for io in IOType.allCases {
        for (strategy, reuse) in [(Strategy.latency, 1), (.latency, 3), (.resource, 2)] {
          var request = ScheduleRequest(
            target: target, ioType: io, defaults: .init(strategy: strategy, reuseFactor: reuse))
          request.defaults.isStatic = true
          if let design = try? schedule(program, request) { designs.append(design) }
        }
      }
    }
    return designs
  }

  /// Every process keeps the interval that is promised for its operations.
  @Test func everyProcessKeepsItsInterval() throws {
    var seen = (pipelines: 0, loops: 0, rewinds: 0)
    for design in try networks() {
      let project = try HLSProject(design, name: "net")
      let paces = Self.paces(try #require(project.files["firmware/net_layers.h"]))
      func check(_ function: String, _ promised: Int, latency: Int = .max - 1) throws {
        var pace = try #require(paces[function], "\(function)")
        // What is ready before the pipeline's next turn begins again at once: so the tool reports it, too.
        pace.pipeline = pace.pipeline.map { min($0, latency + 1) }
        if pace.pipeline != nil {
          seen.pipelines += 1
        } else if pace.rewinds {
          seen.rewinds += 1
        } else {
          seen.loops += 1
        }
        #expect(pace.interval <= promised, "\(function): \(pace), promised \(promised)\n\(design.program)")
      }
      switch design.ioType {
      case .parallel:
        let emission = Emission(design, projectName: "net")
        for segment in emission.layout.segments where design.isDataflow && segment.layer != nil {
          let steps = segment.instructions.map { design.steps[$0].estimate }
          let span = (steps.map { $0.start + $0.latency }.max() ?? 0) - (steps.map(\.start).min() ?? 0)
          try check(segment.function, max(1, steps.map(\.interval).max() ?? 1), latency: span)
        }
      case .stream:
        let flow = try #require(design.dataflow)
        var emission = Emission(design, projectName: "net")
        let functions = StreamEmitter(flow, &emission).functions
        for (number, function) in functions.enumerated() {
          let script = flow.script(number)
          try check(
            function, (script.firings - 1) * script.interval + script.latency + 1 + script.restart,
            latency: script.latency)
        }
      }
    }
    #expect(seen.pipelines > 20 && seen.loops > 20 && seen.rewinds > 0, "\(seen)")
  }

  /// The text is read, not guessed: without a pragma the same function is slower.
  @Test func pacesAreReadFromTheText() {
    let text = """
      TF_LAYER void a(const x_t x[4], y_t y[4]) {
      #pragma HLS PIPELINE II=3
        TF_UNROLL_NEXT
        for (int i = 0; i < 4; i++) {
          TF_UNROLL
        }
      }
      TF_INLINE void b_at(int p0) {
        tf::affine_reuse<1, 5, 2, 1, 10, 4, w_t>(x, w, b, y);
      }
      TF_LAYER void b(const x_t x[4], y_t y[4]) {
        for (int p0 = 0; p0 < 7; p0++) {
          b_at(p0);
        }
        for (int p0 = 0; p0 < 6; p0++) {
      #ifndef __BAMBU__
      #pragma HLS PIPELINE II=2
      #endif
        }
      }
      TF_LAYER void c(const x_t x[4], y_t y[4]) {
        tf::affine_columns_rewind<1, 2, 10, 4, w_t>(x, w, b, y);
      }
      TF_LAYER void d(const x_t x[4], y_t y[4]) {
        for (int p0 = 0; p0 < 4; p0++) {
      #ifndef __BAMBU__
      #pragma HLS PIPELINE II=1 rewind
      #endif
        }
      }
      """
    let paces = Self.paces(text)
    #expect(paces["a"] == Pace(pipeline: 3))
    #expect(paces["b"] == Pace(cycles: 7 * 5 + 6 * 2 + 5 * 2 + 1) && paces["b"]?.interval == 60)
    #expect(paces["c"] == Pace(cycles: 20, rewinds: true) && paces["c"]?.interval == 20)
    #expect(paces["d"] == Pace(cycles: 4, rewinds: true) && paces["d"]?.interval == 4)
    #expect(Self.paces(text.replacing(" rewind\n", with: "\n"))["d"]?.interval == 6)
    #expect(Self.paces(text.replacing("#pragma HLS PIPELINE II=3\n", with: ""))["a"]?.interval == .max)
  }
}
