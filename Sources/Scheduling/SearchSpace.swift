import FixedPoint
import Program

/// The strategies and reuse factors each layer can have, and how they move time and area.
struct SearchSpace {
  /// One choice for a layer.
  struct Option: Hashable {
    var strategy: Strategy
    var reuse: Int
    /// Of each of the layer's affine operations.
    var timings: [Timing]
    var resources: Resources
    /// Cycles between two events.
    var interval: Int
    /// Cycles the layer takes at least.
    var duration: Double { timings.reduce(0) { $0 + $1.duration } }
  }

  /// A layer with affine operations.
  struct Layer {
    var name: String
    /// Its affine operations, by instruction index.
    var members: [Int]
    var options: [Option]
  }

  let planner: Planner
  /// In order of their first operation.
  private(set) var layers: [Layer] = []
  /// Timings of the instructions that have no choice.
  private(set) var fixed: [Timing?]
  /// What these take, all together.
  private(set) var fixedResources = Resources()
  /// The longest interval of these.
  private(set) var fixedInterval = 1

  /// Every legal choice, in order of strategy and reuse factor; what `request.layers` asks for is kept.
  init(_ planner: Planner) {
    self.planner = planner
    let program = planner.program
    fixed = Array(repeating: nil, count: program.instructions.count)
    var places: [Int: Int] = [:]
    for (index, instruction) in program.instructions.enumerated() {
      if case .affine = instruction.operation, let layer = instruction.layer {
        if let place = places[layer] {
          layers[place].members.append(index)
        } else {
          places[layer] = layers.count
          layers.append(Layer(name: program.layers[layer].name, members: [index], options: []))
        }
      } else {
        let defaults = planner.request.defaults
        let estimate = planner.estimate(
          index, strategy: defaults.strategy ?? .latency, reuse: planner.sharing(index))
        let timing = planner.timing(index, estimate)
        fixed[index] = timing
        fixedResources = fixedResources + estimate.resources
        fixedInterval = max(fixedInterval, timing.interval)
      }
    }
    let processes = program.instructionsByLayer
    for (layer, process) in processes.enumerated() where places[layer] == nil {
      fixedInterval = max(fixedInterval, planner.interval(process, process.compactMap { fixed[$0] }))
    }
    for (layer, place) in places { layers[place].options = options(layers[place], processes[layer]) }
  }

  /// The choices within an interval that the vendor's tool gets through and (unless all are wanted) that no other
  /// choice of the layer beats.
  func within(interval: Int?, isPruned: Bool = true) -> SearchSpace {
    var space = self
    for place in layers.indices {
      let all = layers[place].options.filter { interval == nil || $0.interval <= interval ?? 1 }
      let possible = synthesizable(all, layers[place])
      space.layers[place].options = isPruned ? Self.unbeaten(possible) : possible
    }
    return space
  }

  /// The options the vendor's tool gets through; all where the layer has no other, with a warning then.
  private func synthesizable(_ options: [Option], _ layer: Layer) -> [Option] {
    let kept = options.filter { option in
      layer.members.allSatisfy { index in
        planner.unrolledProducts(index, option.strategy, option.reuse) <= AffineCost.largestUnrolled
      }
    }
    return kept.isEmpty ? options : kept
  }

  /// The choices of a layer; `process` are all its instructions.
  private func options(_ layer: Layer, _ process: [Int]) -> [Option] {
    let program = planner.program
    let asked = planner.request.layers[layer.name] ?? ScheduleRequest.Layer()
    var choices: [(Strategy, Int)] = []
    for strategy in Strategy.built where asked.strategy == nil || asked.strategy == strategy {
      var factors: Set<Int>?
      for index in layer.members {
        guard let cost = planner.affines[index],
          case .affine(let affine) = program.instructions[index].operation
        else { continue }
        var legal = Set(ReuseFactors(inputs: cost.inputs, outputs: cost.outputs).all)
        if let reuse = asked.reuseFactor {
          let isFree = strategy == .latency && reuse >= 1 && reuse <= cost.inputs * cost.outputs
          legal = isFree ? [reuse] : legal.intersection([reuse])
        }
        if strategy == .distributedArithmetic {
          // Adders are used once, where there can be any.
          legal = cost.adders == nil || !legal.contains(1) ? [] : [1]
        }
        if strategy == .resource, let stride = Planner.stride(affine, inputs: cost.inputs) {
          legal.formIntersection([stride])
        }
        factors = factors?.intersection(legal) ?? legal
      }
      choices += (factors ?? []).sorted().map { (strategy, $0) }
    }
    return choices.map { strategy, reuse in
      let estimates = layer.members.map { planner.estimate($0, strategy: strategy, reuse: reuse) }
      let timings = zip(layer.members, estimates).map { planner.timing($0, $1) }
      let chosen = Dictionary(uniqueKeysWithValues: zip(layer.members, timings))
      return Option(
        strategy: strategy, reuse: reuse, timings: timings,
        resources: estimates.map(\.resources).reduce(Resources(), +),
        interval: planner.interval(process, process.compactMap { chosen[$0] ?? fixed[$0] }))
    }
  }

  /// The options no other is at least as good as in time and in every resource; of equal ones the first.
  static func unbeaten(_ options: [Option]) -> [Option] {
    options.indices.filter { index in
      !options.indices.contains { other in
        guard other != index, options[other].beats(options[index]) else { return false }
        return !options[index].beats(options[other]) || other < index
      }
    }.map { options[$0] }
  }
}

extension SearchSpace.Option {
  /// Whether this is never later and never larger.
  fileprivate func beats(_ other: SearchSpace.Option) -> Bool {
    resources.fits(other.resources) && zip(timings, other.timings).allSatisfy { $0.isNeverLater(than: $1) }
  }
}

extension Timing {
  /// Whether the result is there no later, whenever the operands arrive. The interval is a limit, not a cost.
  fileprivate func isNeverLater(than other: Timing) -> Bool {
    // Waiting for a cycle to begin costs less than one cycle.
    let wait = startsOnEdge && !other.startsOnEdge ? 1.0 : 0
    return duration + wait <= other.duration
  }
}

extension Resources {
  /// More of everything than any design takes.
  public static let unlimited = Resources(
    dsp: 1 << 40, lut: 1 << 40, ff: 1 << 40, bram: 1 << 40, uram: 1 << 40)

  /// Whether nothing is more than in `limit`.
  public func fits(_ limit: Resources) -> Bool {
    dsp <= limit.dsp && lut <= limit.lut && ff <= limit.ff && bram <= limit.bram && uram <= limit.uram
  }

  /// The largest share of any resource of a part; infinite where something is used that there is none of.
  public func largestShare(of available: Resources) -> Double {
    func share(_ used: Int, _ all: Int) -> Double {
      used == 0 ? 0 : all == 0 ? .infinity : Double(used) / Double(all)
    }
    return max(
      share(dsp, available.dsp), share(lut, available.lut), share(ff, available.ff),
      share(bram, available.bram), share(uram, available.uram))
  }

  /// The smaller amount of each.
  static func minimum(_ a: Resources, _ b: Resources) -> Resources {
    Resources(
      dsp: min(a.dsp, b.dsp), lut: min(a.lut, b.lut), ff: min(a.ff, b.ff), bram: min(a.bram, b.bram),
      uram: min(a.uram, b.uram))
  }
}
