import Backends
import DataFiles
import Diagnostics
import Foundation
import Reports
import Scheduling

/// The designs of a model that are worth having: `triggerfish explore`.
public struct Explore: Sendable {
  /// The model, and how it is lowered.
  public var source: Source
  /// What designs are built for, and their limits.
  public var choices = DesignChoices()
  /// Word lengths to compare, of float models under the `exact` policy; empty: the source's.
  public var wordLengths: [Int] = []
  /// Event files to measure the agreement of word lengths on, one per model input; none: those of the calibration.
  public var events: [String] = []
  /// The share of the events that must agree for a word to be called long enough.
  public var agreement = 0.999

  /// What writes the designs. One that counts what it writes, and builds every product in gates of its own, has designs by what
  /// products of two words and tables are built of.
  public var backend: any Backend.Type = Registry.standard

  /// Names the model.
  public init(_ source: Source) { self.source = source }

  /// What was found.
  public struct Outcome: Sendable {
    /// The designs of which none is beaten by another.
    public var front: Exploration
    /// What to say of the word lengths, for people.
    public var statements: [String]
  }

  /// Explores.
  ///
  /// - Throws: every problem of the files; `usage` for a choice that changes nothing.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> Outcome {
    try checkPresent(events)
    try choices.checkPart()
    if wordLengths.isEmpty {
      let compilation = try Compilation(source, listener)
      listener.progress("exploring")
      return Outcome(
        front: try compilation.explore(choices, backend, listener), statements: [])
    }
    listener.progress("compiling at \(wordLengths.count) word lengths")
    let study = try WordLengths(source, wordLengths, events: events)
    var fronts: [Exploration] = []
    for entry in study.entries {
      listener.progress("exploring \(entry.wordLength) bits")
      // The part is the same one each time.
      let told = fronts.isEmpty ? listener : Listener()
      fronts.append(
        try entry.compilation.explore(
          choices, backend, wordLength: entry.wordLength, agreement: entry.agreement, told))
    }
    var merged = Exploration(merging: fronts)
    merged.agreements = Dictionary(
      study.entries.map { ("\($0.wordLength)", $0.agreement) }, uniquingKeysWith: { $1 })
    study.notes.forEach(listener.note)
    return Outcome(front: merged, statements: study.entries.map(statement) + [conclusion(study, merged)])
  }

  private func statement(_ entry: WordLengths.Entry) -> String {
    let share = entry.share.map { String(format: "same argmax on %.2f%% of ", 100 * $0) } ?? ""
    return "\(entry.wordLength) bits: \(share)\(entry.agreement.events) events, largest error "
      + String(format: "%.3g", entry.agreement.maximumError)
  }

  /// The shortest word that agrees, of those the front has a design of.
  private func conclusion(_ study: WordLengths, _ front: Exploration) -> String {
    let share = String(format: "%g%%", 100 * agreement)
    guard study.entries.contains(where: { $0.share != nil }) else {
      return "no output has a largest element: compare the largest errors"
    }
    let agreeing = study.lengths(reaching: agreement)
    guard let shortest = agreeing.first else {
      return "none of these word lengths agrees on \(share) of the events"
    }
    let listed = Set(front.points.compactMap(\.wordLength))
    if listed.contains(shortest) {
      return "\(shortest) bits are the shortest words that agree on \(share) of the events"
    }
    let reason = "\(shortest) bits agree on \(share) of the events, but no design of theirs is listed"
    return agreeing.first(where: listed.contains).map {
      "\($0) bits are the shortest words listed that agree on \(share) of the events (\(reason))"
    } ?? "no design listed agrees on \(share) of the events (\(reason))"
  }
}

extension Compilation {
  /// The designs within limits of which none is beaten by another.
  ///
  /// - Parameters:
  ///   - wordLength: what to say of the words' length, where several are compared.
  ///   - agreement: how the answers compare with the float model's; nil: as on the calibration events.
  public func explore(
    _ choices: DesignChoices, _ backend: any Backend.Type = Registry.standard, wordLength: Int? = nil,
    agreement: Report.Agreement? = nil, _ listener: Listener = Listener()
  ) throws(Failure) -> Exploration {
    if !backend.takesStrategies {
      return try counted(choices, backend, wordLength: wordLength, agreement: agreement)
    }
    var choices = choices
    // Trees that share hardware are another program for each reuse factor.
    var reuses = try treeReuses(choices)
    if let reuse = try treeReuse(choices, searching: true) { reuses = [reuse] }
    if !reuses.isEmpty { choices.reuseFactor = nil }
    let request = try searchRequest(choices)
    if let note = request.target.choice.note { listener.note("note: \(note.visible)") }
    var fronts: [Exploration] = []
    for reuse in reuses.isEmpty ? [1] : reuses {
      let compilation = try reusingTrees(reuse)
      let designs = try Scheduling.explore(
        compilation.program, try compilation.searchRequest(choices),
        limits: try choices.limits.searchLimits(request.target))
      fronts.append(
        Exploration(
          designs, model: program.name, part: request.target.part, wordLength: wordLength,
          agreement: agreement ?? self.agreement))
    }
    return fronts.count == 1 ? fronts[0] : Exploration(merging: fronts)
  }

  /// The designs of a backend that has no strategies, by what products of two words and tables are built of: counted.
  private func counted(
    _ choices: DesignChoices, _ backend: any Backend.Type, wordLength: Int?, agreement: Report.Agreement?
  ) throws(Failure) -> Exploration {
    var fronts: [Exploration] = []
    for multipliers in choices.multipliers.map({ [$0] }) ?? MultiplierBinding.allCases {
      for tables in choices.tables.map({ [$0] }) ?? TableBinding.allCases {
        var tried = choices
        (tried.multipliers, tried.tables) = (multipliers, tables)
        let chosen = try design(tried, searching: false)
        let objections = backend.objections(to: chosen.design)
        guard objections.isEmpty else { throw Failure(.badInput, objections) }
        var report = self.report(chosen, tried)
        let written = try backend.files(
          of: chosen.design, name: projectName, events: TestEvents(inputs: []))
        if let figures = written.figures {
          report.count(figures, of: chosen.design, budget: choices.limits)
        }
        if report.budget?.contains(where: { !$0.passed }) ?? false { continue }
        fronts.append(
          Exploration(
            report, choices: ["products": multipliers.rawValue, "tables": tables.rawValue],
            wordLength: wordLength, agreement: agreement ?? self.agreement))
      }
    }
    return Exploration(merging: fronts)
  }
}
