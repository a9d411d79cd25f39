import Diagnostics
import Foundation
import Frontends
import Lowering
import Reports
import Triggerfish

// The functions of include/triggerfish.h that make designs, reports and verdicts.

/// See include/triggerfish.h.
@c(tf_open) public func open(
  _ options: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  model?.pointee = nil
  return reporting(to: message) { () throws(Failure) in
    guard let model else { throw Failure(.usage, "tf_open needs a place for the model") }
    var reader = try OptionReader(options)
    let source = try reader.source()
    let threads = reader.count("threads", least: 0) ?? 0
    try reader.finish()
    do throws(Failure) {
      model.pointee = OpaquePointer(
        Unmanaged.passRetained(try LoadedModel(source, threads: threads)).toOpaque())
    } catch {
      throw Failure(error.kind, error.diagnostics.map(source.shown))
    }
  }
}

/// See include/triggerfish.h.
@c(tf_configuration) public func configuration(
  _ path: UnsafePointer<CChar>?, _ weights: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    guard let path else { throw Failure(.usage, "tf_configuration needs a path") }
    let model = try loadModel(path: String(cString: path), weights: weights.map { String(cString: $0) }).model
    return encoded(try StartingConfiguration(model).layers)
  }
}

/// See include/triggerfish.h.
@c(tf_report) public func report(
  _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    let model = try needed(model, "tf_report")
    let choices = try readChoices(options)
    return model.report(try model.design(choices), choices).json
  }
}

/// See include/triggerfish.h.
@c(tf_explore) public func explore(
  _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    let compilation = try needed(model, "tf_explore").compilation
    var reader = try OptionReader(options)
    let choices = reader.choices()
    let backend = try reader.backend() ?? Registry.standard
    try reader.finish()
    return try compilation.explore(choices, backend).json
  }
}

/// See include/triggerfish.h.
@c(tf_page) public func page(
  _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?,
  _ html: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(html, message) { () throws(Failure) in
    let model = try needed(model, "tf_page")
    var reader = try OptionReader(options)
    let choices = reader.choices()
    let files = reader.list("input")
    try reader.finish()
    let chosen = try model.design(choices)
    let program = chosen.design.program
    let comparison =
      try files.isEmpty
      ? nil : ModelComparison(model.compilation, events: model.compilation.readEvents(files))
    return try ReportPage(
      model.report(chosen, choices), program,
      observed: files.isEmpty ? [:] : Emulation(program, inputs: files).observedRanges(),
      comparison: comparison
    )
    .html()
  }
}

/// See include/triggerfish.h.
@c(tf_write) public func write(
  _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ folder: UnsafePointer<CChar>?, _ force: Int32,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    let model = try needed(model, "tf_write")
    guard let folder else { throw Failure(.usage, "tf_write needs a folder") }
    var reader = try OptionReader(options)
    var project = ProjectRequest()
    project.choices = reader.choices()
    if let backend = try reader.backend() { project.backend = backend }
    project.testEvents = reader.list("test-events")
    try reader.finish()
    (project.folder, project.force) = (String(cString: folder), force != 0)
    return try model.compilation.write(project, deviations: model.deviations).report.json
  }
}

/// See include/triggerfish.h.
@c(tf_compare) public func compare(
  _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  text?.pointee = nil
  return giving(json, message) { () throws(Failure) in
    let model = try needed(model, "tf_compare")
    var reader = try OptionReader(options)
    let files = reader.list("input")
    try reader.finish()
    let events = files.isEmpty ? nil : try model.compilation.readEvents(files)
    let comparison = try ModelComparison(model.compilation, events: events)
    if let text { text.pointee = strdup(comparison.text(.plain)) }
    return comparison.json
  }
}

/// See include/triggerfish.h.
@c(tf_show_comparison) public func showComparison(
  _ json: UnsafePointer<CChar>?, _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(text, message) { () throws(Failure) in
    guard let json, let comparison = ModelComparison(json: String(cString: json)) else {
      throw Failure(.badInput, "tf_show_comparison needs the JSON of a comparison")
    }
    return comparison.text(.plain)
  }
}

/// See include/triggerfish.h.
@c(tf_check) public func check(
  _ folder: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    guard let folder else { throw Failure(.usage, "tf_check needs a folder") }
    var reader = try OptionReader(options)
    let gate = reader.gate()
    try reader.finish()
    let outcome = gate.check(String(cString: folder))
    if let first = outcome.failures.first {
      throw Failure(first.kind, outcome.failures.flatMap(\.diagnostics))
    }
    return jsonText(outcome.verdicts)
  }
}

/// See include/triggerfish.h.
@c(tf_verify) public func verify(
  _ folder: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    guard let folder else { throw Failure(.usage, "tf_verify needs a folder") }
    var reader = try OptionReader(options)
    var verify = Verify(String(cString: folder))
    verify.inputs = reader.list("input")
    verify.trace = reader.flag("trace")
    verify.tools.apTypes = reader.text("ap-types")
    try reader.finish()
    return jsonText(try verify.run())
  }
}

// MARK: Helpers

private func readChoices(_ options: UnsafePointer<CChar>?) throws(Failure) -> DesignChoices {
  var reader = try OptionReader(options)
  let choices = reader.choices()
  try reader.finish()
  return choices
}

func needed(_ model: OpaquePointer?, _ name: String) throws(Failure) -> LoadedModel {
  guard let model = held(model) else { throw Failure(.usage, "\(name) needs a model") }
  return model
}

private func encoded(_ value: some Encodable) -> String {
  // Texts, whole numbers and flags: their encoding cannot fail.
  String(decoding: (try? JSONEncoder().encode(value)) ?? Data(), as: UTF8.self)
}

/// Runs something that makes a text for C.
func giving(
  _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ body: () throws(Failure) -> String
) -> Int32 {
  place?.pointee = nil
  return reporting(to: message) { () throws(Failure) in
    let text = try body()
    guard let place else { return }
    guard let copy = strdup(text) else { throw Failure(.inputOutput, "there is no memory for the result") }
    place.pointee = copy
  }
}
