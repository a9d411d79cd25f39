import Backends
import Circuit

// The part of the top module that says where an event is: a chain of bits for pipelines, a counter for each loop.
extension CircuitModules {
  /// Chains and counters, from an event's entry to its results.
  func control(_ code: inout CodeWriter) {
    let count = circuit.loops.count
    code.line("// load: an event's words stand before a loop; step: a step of it ends.")
    code.line("wire \(NodeWriter.range(count))load;")
    code.line("wire \(NodeWriter.range(count))step;")
    var (cycle, here) = (0, "valid_in")
    for (number, group) in circuit.loopGroups.enumerated() {
      here = chain("valid_\(number)", circuit.loops[group[0]].start - cycle, here, &code)
      for loop in group { counter(loop, here, &code) }
      code.line("reg done_\(group[0]) = 1'd0;")
      code.line("always @(posedge clk) done_\(group[0]) <= ~rst & last_\(group[0]);")
      (cycle, here) = (circuit.loops[group[0]].end, "done_\(group[0])")
    }
    here = chain("valid_\(circuit.loopGroups.count)", circuit.latency - cycle, here, &code)
    code.line("assign valid_out = \(here);")
  }

  /// A bit for each of so many cycles; gives the last.
  private func chain(_ name: String, _ length: Int, _ first: String, _ code: inout CodeWriter) -> String {
    if length == 0 { return first }
    code.line("reg \(NodeWriter.range(length))\(name) = \(length)'d0;")
    let next = length == 1 ? first : "{\(name)[\(length - 2):0], \(first)}"
    code.line("always @(posedge clk) \(name) <= rst ? \(length)'d0 : \(next);")
    return length == 1 ? name : "\(name)[\(length - 1)]"
  }

  /// What counts an event's way through a loop: the cycles of a step, and the steps.
  private func counter(_ index: Int, _ load: String, _ code: inout CodeWriter) {
    let loop = circuit.loops[index]
    func bit(_ name: String) -> String { circuit.loops.count == 1 ? name : "\(name)[\(index)]" }
    func bits(_ count: Int) -> Int { Int.bitWidth - (count - 1).leadingZeroBitCount }
    code.line("// Loop \(index): \(loop.steps) steps of \(loop.stages) cycle\(loop.stages == 1 ? "" : "s").")
    code.line("reg busy_\(index) = 1'd0;")
    let counters = [("stage", loop.stages), ("count", loop.steps)].filter { $0.1 > 1 }
    for (name, count) in counters {
      code.line("reg \(NodeWriter.range(bits(count)))\(name)_\(index) = \(bits(count))'d0;")
    }
    func ends(_ place: String, _ count: Int) -> String {
      count == 1 ? "" : " & (\(place)_\(index) == \(bits(count))'d\(count - 1))"
    }
    code.line("wire last_\(index) = \(bit("step"))\(ends("count", loop.steps));")
    code.line("assign \(bit("load")) = \(load);")
    code.line("assign \(bit("step")) = busy_\(index)\(ends("stage", loop.stages));")
    code.line(
      "always @(posedge clk) busy_\(index) <= ~rst & (\(bit("load")) | (busy_\(index) & ~last_\(index)));")
    for (name, count) in counters {
      let own = "\(name)_\(index)"
      let (zero, more) = ("\(bits(count))'d0", "\(own) + \(bits(count))'d1")
      let next =
        name == "stage"
        ? "\(bit("load")) | \(bit("step")) ? \(zero) : \(more)"
        : "\(bit("load")) ? \(zero) : \(bit("step")) ? \(more) : \(own)"
      code.line("always @(posedge clk) \(own) <= \(next);")
    }
  }
}
