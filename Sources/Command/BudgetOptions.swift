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

  @Option(
    help: "The most DSPs: a number, or a share of the part as in 15%.",
    transform: { try limit("--max-dsp", $0) })
  var maxDsp: Budget.Limit?

  @Option(help: "The most LUTs.", transform: { try limit("--max-lut", $0) })
  var maxLut: Budget.Limit?

  @Option(help: "The most flip-flops.", transform: { try limit("--max-ff", $0) })
  var maxFf: Budget.Limit?

  @Option(help: "The most 18 kbit block RAMs.", transform: { try limit("--max-bram", $0) })
  var maxBram: Budget.Limit?

  @Option(help: "The most UltraRAMs.", transform: { try limit("--max-uram", $0) })
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

/// Reads a limit of a part's resources.
private func limit(_ option: String, _ text: String) throws -> Budget.Limit {
  guard let limit = Budget.Limit(ofPart: text) else {
    throw ValidationError("\(option) \(text): a limit is \(Budget.Limit.form).")
  }
  return limit
}
