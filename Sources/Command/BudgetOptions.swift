import ArgumentParser
import Reports

/// What a design may take: what `compile`, `explore` and `check` share.
struct BudgetOptions: ParsableArguments {
  @Option(
    help: "The longest latency: 100ns, 0.1us, 20cycles or 4BX (bunch crossings of 25 ns).",
    transform: { text in
      guard let latency = Budget.Latency(text) else {
        throw ValidationError(
          "--budget \(text): a latency is written with its unit, as 100ns, 0.1us, 20cycles or 4BX.")
      }
      return latency
    })
  var budget: Budget.Latency?

  @Option(name: .customLong("ii"), help: "The longest initiation interval, in cycles.")
  var interval: Int?

  @Option(help: "The most DSPs: a number, or a share of the part as in 15%.")
  var maxDsp: Budget.Limit?

  @Option(help: "The most LUTs.")
  var maxLut: Budget.Limit?

  @Option(help: "The most flip-flops.")
  var maxFf: Budget.Limit?

  @Option(help: "The most 18 kbit block RAMs.")
  var maxBram: Budget.Limit?

  @Option(help: "The most UltraRAMs.")
  var maxUram: Budget.Limit?

  func validate() throws {
    if let interval, interval < 1 { throw ValidationError("--ii must be at least 1.") }
  }

  /// The limits given.
  var limits: Budget {
    var budget = Budget(latency: budget, interval: interval)
    let asked = [maxDsp, maxLut, maxFf, maxBram, maxUram]
    for ((_, path), limit) in zip(Budget.resources, asked) { budget.limits[path] = limit }
    return budget
  }
}

extension Budget.Limit: ExpressibleByArgument {
  /// Reads the option's text.
  public init?(argument: String) { self.init(argument) }
}
