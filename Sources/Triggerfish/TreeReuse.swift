import Configuration
import Diagnostics
import Reports
import Scheduling

/// Hardware that computes several trees of an ensemble, one after the other. Designs of different reuse factors are different
/// programs of the same words.
extension Compilation {
  /// Whether trees are all there is to use hardware several times for.
  private var isOfTrees: Bool {
    let multiplies = program.instructions.contains {
      if case .product = $0.operation.form { true } else { false }
    }
    return !multiplies && model.layers.contains { $0.kind.ensemble != nil }
  }

  /// The reuse factor that is asked for of trees, by an option or the configuration; nil: there are no trees, or it is left to a
  /// search.
  ///
  /// - Throws: `usage` where both say something else, or for a strategy.
  func treeReuse(_ choices: DesignChoices, searching: Bool) throws(Failure) -> Int? {
    guard isOfTrees else { return nil }
    if let strategy = choices.strategy {
      throw Failure(
        .usage, file: source.model,
        "--strategy \(strategy.rawValue): trees have no multipliers to arrange",
        hint: "leave it out; --reuse-factor lets hardware compute several trees, one after the other")
    }
    let configured = model.layers.first { $0.kind.ensemble != nil }.flatMap { layer in
      configuration?.reuseFactor(layer: layer.name, className: layer.className)
    }
    if let given = choices.reuseFactor {
      if let configured, configured != 1, configured != given {
        throw Failure(
          .usage, file: configuration?.file,
          "--reuse-factor \(given): the configuration has ReuseFactor \(configured) for the trees",
          hint: "leave one of them out")
      }
      return given
    }
    if searching { return nil }
    return configured ?? 1
  }

  /// The same words by hardware that is used so many times for an event.
  ///
  /// - Throws: `badInput` where the trees do not allow it.
  func reusingTrees(_ reuse: Int) throws(Failure) -> Compilation {
    if reuse == 1 { return self }
    var source = source
    // The model has it already.
    source.transform = nil
    return try Compilation(model, configuration, source, treeReuse: reuse)
  }

  /// A design of trees that a search chose.
  ///
  /// - Parameter reuse: the factor that is asked for; nil: the one whose design is best.
  /// - Throws: `checkFailed`, naming the nearest designs, where none keeps the limits.
  func searchTrees(
    _ choices: DesignChoices, reuse: Int?, file: String?
  ) throws(Failure) -> ChosenDesign {
    var best: (design: FoundDesign, reuse: Int)?
    var misses: [NearMiss] = []
    var factors = [reuse ?? 1]
    if reuse == nil { factors = try treeReuses(choices) }
    for factor in factors {
      let compilation = try reusingTrees(factor)
      let request = try compilation.searchRequest(choices)
      switch try search(compilation.program, request, limits: try choices.limits.searchLimits(request.target))
      {
      case .found(let found):
        if best.map({ isBetter(found, $0.design) }) ?? true { best = (found, factor) }
      case .nothingFits(let nearest, _):
        for miss in nearest where !misses.contains(where: { $0.needs == miss.needs }) { misses.append(miss) }
      }
    }
    if let best {
      try check(best.design.design)
      // As few trees at once may need fewer steps.
      let used = program.layers.indices.compactMap { best.design.design.treeReuse(layer: $0) }.first ?? 1
      let reason =
        reuse == nil ? "best of those that were tried" : "as asked for"
      return ChosenDesign(
        design: best.design.design,
        explanation: [
          "Trees: reuse factor \(used), \(reason): "
            + (used == 1
              ? "every tree has hardware of its own"
              : "hardware computes \(used) trees, one after the other")
        ])
    }
    throw nothingFits(misses, isProven: false, file: file)
  }

  /// By the largest share of the part, then by LUTs.
  private func isBetter(_ a: FoundDesign, _ b: FoundDesign) -> Bool {
    (a.share, a.design.resources.lut) < (b.share, b.design.resources.lut)
  }

  /// The reuse factors a search tries: powers of two up to the trees of an output, and all of them; 1 where there can be no others.
  /// None where trees are not all there is.
  func treeReuses(_ choices: DesignChoices) throws(Failure) -> [Int] {
    guard isOfTrees else { return [] }
    let most = model.layers.compactMap { $0.kind.ensemble?.mostTrees }.max() ?? 1
    var factors = (0...).lazy.map { 1 << $0 }.prefix { $0 < most } + [most]
    if let interval = choices.limits.interval { factors = factors.filter { $0 <= max(interval, 1) } }
    if factors.isEmpty { factors = [1] }
    if factors.count > 1 {
      do throws(Failure) { _ = try reusingTrees(2) } catch {
        guard error.kind == .badInput else { throw error }
        return [1]
      }
    }
    return factors
  }
}
