import Diagnostics
import Program

/// The top of a configuration file: the project's own keys, and the three sections of `HLSConfig`.
extension ConfigurationReader {
  mutating func project(_ root: SettingNode) {
    let entries = values.entries(root)
    let isNested = entries.contains { $0.key == ProjectKey.hlsConfig.rawValue }
    for (key, node) in entries {
      switch KeyMeaning(key) {
      case .project(let known):
        if ProjectKey.formerNames[key] != nil { stray(key, node, .renamed) }
        project(known, node)
      case .section(let known):
        if isNested {
          values.report(node, "'\(key)' stands beside HLSConfig", hint: "move it into HLSConfig")
        } else {
          section(known, node)
        }
      case .model(let name): strayModelKey(key, name, node)
      case nil:
        let sections = isNested ? [] : SectionKey.allCases.map(\.rawValue)
        values.unknown(key, node, known: ProjectKey.allCases.map(\.rawValue) + sections)
      }
    }
    if !strayModelKeys.isEmpty { model(strayModelKeys.map { ($0.name, $0.node) }, root) }
    finish()
  }

  /// What depends on several keys, whatever their order in the file.
  private mutating func finish() {
    if let node = projectKeys[.clockUncertainty] {
      clockUncertainty(node)
    } else if result.backend != .vitis {
      result.clockUncertainty = 0.125
    }
    if let board = result.board {
      // As in hls4ml, a board's part counts, whatever the file says beside it.
      let part = Configuration.boards[board.lowercased()]
      if let part, let other = result.part, other != part, let node = projectKeys[.part] {
        warnings.append(node.problem("the board \(board) has part \(part), which counts, not \(other)"))
      }
      result.part = part ?? result.part
    }
    let named = ProjectKey.allCases.filter { ProjectKey.files.contains($0) && projectKeys[$0] != nil }
    if let first = named.first, let node = projectKeys[first] {
      let list = named.map(\.rawValue).joined(separator: ", ")
      warnings.append(
        node.problem(
          "\(list): no effect; the files are those the command is given",
          hint: "triggerfish compile MODEL --weights FILE --output FOLDER; emulate and verify take --input"))
    }
  }

  mutating func project(_ key: ProjectKey, _ node: SettingNode) {
    if let first = projectKeys.updateValue(node, forKey: key) {
      values.report(
        node, "\(key.rawValue) is given twice",
        hint: "it is given first at \(first.problem("").place ?? "the top")")
    }
    switch key {
    case .backend: backend(node)
    case .part: result.part = values.text(node) ?? result.part
    case .board: board(node)
    case .clockPeriod:
      if let period = values.number(node, unit: "ns"),
        values.check(period > 0 && period.isFinite, node, "must be above 0")
      {
        result.clockPeriod = period
      }
    case .ioType: result.ioType = values.choice(node, of: IOType.self) ?? .parallel
    case .projectName: result.projectName = values.text(node)
    case .outputDir: result.files.output = values.text(node)
    case .kerasJson, .kerasModel, .onnxModel, .pytorchModel: result.files.model = values.text(node)
    case .kerasH5: result.files.weights = values.text(node)
    case .inputData: result.files.inputData = values.text(node)
    case .outputPredictions: result.files.outputPredictions = values.text(node)
    case .acceleratorConfig: acceleratorConfig(node)
    case .writerConfig: writerConfig(node)
    case .hlsConfig: hlsConfig(node)
    case .fifoOptimization:
      warnings.append(
        node.problem(
          "'FIFO_opt' has no effect: the depths of all FIFOs are computed from when their words pass"))
    case .clockUncertainty: break  // it may be in ns: see `finish`
    case .projectDir, .inputShape, .inputShapes, .outputShapes, .version, .stamp, .traceOutput: break
    }
  }

  private mutating func hlsConfig(_ node: SettingNode) {
    for (key, child) in values.entries(node) {
      switch KeyMeaning(key) {
      case .section(let known): section(known, child)
      case .project(let known):
        stray(key, child, ProjectKey.formerNames[key] == nil ? .misplaced : .renamed)
        project(known, child)
      case .model(let name): strayModelKey(key, name, child)
      case nil: values.unknown(key, child, known: SectionKey.allCases.map(\.rawValue))
      }
    }
  }

  // MARK: Keys that stand elsewhere or are called otherwise

  /// Why a key is not one of hls4ml 1.3.0's at its place.
  enum Stray {
    case misplaced, renamed
  }

  /// Notes what a key is read as that hls4ml 1.3.0 would overlook.
  mutating func stray(_ key: String, _ node: SettingNode, _ why: Stray) {
    guard let meaning = KeyMeaning(key) else { return }
    switch why {
    case .misplaced:
      warnings.append(
        node.problem(
          "'\(key)' is read as \(meaning.home), where it belongs; hls4ml 1.3.0 does not read it here"))
    case .renamed:
      warnings.append(node.problem("'\(key)' is read as \(meaning.home), its name in hls4ml 1.3.0"))
    }
  }

  private mutating func strayModelKey(_ key: String, _ name: String, _ node: SettingNode) {
    stray(key, node, key == name ? .misplaced : .renamed)
    if strayModelKeys.contains(where: { $0.name == name }) { values.report(node, "\(name) is given twice") }
    strayModelKeys.append((name, node))
  }

  // MARK: Values

  private mutating func backend(_ node: SettingNode) {
    guard let name = values.text(node) else { return }
    let supported = Configuration.Backend.allCases
    if let backend = supported.first(where: { $0.rawValue.lowercased() == name.lowercased() }) {
      result.backend = backend
    } else if ["quartus", "catapult", "symbolicexpression", "oneapi", "libero"].contains(name.lowercased()) {
      values.report(
        node,
        "the backend '\(name)' computes other bits than the Vitis backend, and Triggerfish computes Vitis's",
        hint: "write Backend: Vitis to compile the model for Vitis HLS")
    } else {
      values.unknownValue(name, node, known: supported.map(\.rawValue))
    }
  }

  private mutating func board(_ node: SettingNode) {
    guard let name = values.text(node) else { return }
    guard Configuration.boards[name.lowercased()] != nil else {
      values.unknownValue(name, node, known: Configuration.boards.keys.sorted())
      return
    }
    result.board = name
  }

  /// `27%` of the period, or ns.
  private mutating func clockUncertainty(_ node: SettingNode) {
    guard let share = values.number(node, unit: "%", scale: 0.01, otherwise: ("ns", 1 / result.clockPeriod))
    else { return }
    if values.check((0..<1).contains(share), node, "must be at least 0 and less than the clock period") {
      result.clockUncertainty = share
    }
  }

  private mutating func acceleratorConfig(_ node: SettingNode) {
    let ignored = ["Interface", "Driver", "Precision", "Platform"]
    var found: [String] = []
    for (key, child) in values.entries(node) {
      if key == ProjectKey.board.rawValue {
        board(child)
      } else if ignored.contains(key) {
        found.append(key)
      } else {
        values.unknown(key, child, known: [ProjectKey.board.rawValue] + ignored)
      }
    }
    if !found.isEmpty {
      warnings.append(
        node.problem(
          "\(found.joined(separator: ", ")): no effect; the network is written, not the AXI wrapper and the driver "
            + "that VivadoAccelerator puts around it"))
    }
  }

  private mutating func writerConfig(_ node: SettingNode) {
    guard case .map(let entries) = node.value else { return }
    let ignored = ["WriteWeightsTxt", "WriteTar", "TBOutputStream", "WriteEmulationConstants"]
    for (key, child) in entries {
      if key == "Namespace" {
        if case .null = child.value { continue }
        values.report(
          child, "Namespace: the emitted C++ has no namespace of its own",
          hint: "two networks in one program differ by ProjectName: it names the top function and every type")
      } else if !ignored.contains(key) {
        values.unknown(key, child, known: ["Namespace"] + ignored)
      }
    }
  }
}
