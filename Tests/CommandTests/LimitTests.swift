import Diagnostics
import Foundation
import Testing

/// Small files that ask for huge work or memory: refused by name with the number, within a cap on memory; and what is
/// accepted stays within that cap too.
@Suite struct LimitTests {
  /// The address space a command may use here, in KiB. An idle one takes a tenth of it.
  private static let cap = 1_500_000

  /// Runs the command under `ulimit -v`.
  private func run(_ arguments: [String], limits: String? = nil) throws -> CommandLine.Result {
    let setting = limits.map { "\(WorkLimits.variable)=\($0) " } ?? ""
    let script = "ulimit -v \(Self.cap); exec env \(setting)\"$0\" \"$@\""
    return try CommandLine.run(
      ["-c", script, CommandLine.binary.path] + arguments, tool: URL(fileURLWithPath: "/bin/bash"))
  }

  /// A Sequential model of these layers, each a class and its settings; no weights file beside it.
  private func model(_ scratch: Scratch, input: String, _ layers: String...) throws -> String {
    let all = layers.enumerated().map { number, layer in
      let parts = layer.split(separator: " ", maxSplits: 1)
      return
        "{\"class_name\": \"\(parts[0])\", \"config\": {\"name\": \"layer\(number)\", \(parts[1])}}"
    }
    let text = """
      {"class_name": "Sequential", "keras_version": "2.12.0", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [null, \(input)], "dtype": "float32", "name": "x"}},
        \(all.joined(separator: ",\n"))]}}
      """
    return try scratch.write(text, to: "m.json")
  }

  /// What is refused, with its whole complaint behind the file's name.
  @Test(arguments: [
    (
      "128, 128, 1", "AveragePooling2D \"pool_size\": [127, 127], \"strides\": [1, 1], \"padding\": \"same\"",
      "config.layers[1]: error: layer 'layer0' (AveragePooling2D): needs windows of 264257536 words "
        + "(positions x kernel taps x channels); at most 67108864 are accepted\n"
        + "hint: TRIGGERFISH_LIMITS=window-words=N in the environment accepts more (docs/limits.md)\n"
    ),
    (
      "8192, 3", "MaxPooling1D \"pool_size\": 8191, \"strides\": 1, \"padding\": \"same\"",
      "config.layers[1]: error: layer 'layer0' (MaxPooling1D): needs windows of 201302016 words "
        + "(positions x kernel taps x channels); at most 67108864 are accepted\n"
        + "hint: TRIGGERFISH_LIMITS=window-words=N in the environment accepts more (docs/limits.md)\n"
    ),
    (
      "16777216", "Activation \"activation\": \"relu\"",
      "config.layers[0]: error: layer 'x' (InputLayer): the largest of 2 layers that together need tensors of "
        + "33554432 words; at most 16777216 are accepted\n"
        + "hint: TRIGGERFISH_LIMITS=words=N in the environment accepts more (docs/limits.md)\n"
    ),
    (
      "1, 1, 1", "ZeroPadding2D \"padding\": [[5000, 5000], [5000, 5000]]",
      "config.layers[1]: error: layer 'layer0' (ZeroPadding2D): needs tensors of 100020001 words; at most 16777216 "
        + "are accepted\nhint: TRIGGERFISH_LIMITS=words=N in the environment accepts more (docs/limits.md)\n"
    ),
    (
      "5", "RepeatVector \"n\": 10000000",
      "config.layers[1]: error: layer 'layer0' (RepeatVector): needs tensors of 50000000 words; at most 16777216 "
        + "are accepted\nhint: TRIGGERFISH_LIMITS=words=N in the environment accepts more (docs/limits.md)\n"
    ),
    (
      "3000000", "Softmax \"axis\": -1",
      "config.layers[1]: error: layer 'layer0': up to here the program needs tensors of 18000001 words; at most 16777216 "
        + "are accepted; TRIGGERFISH_LIMITS=words=N in the environment accepts more (docs/limits.md)\n"
    ),
  ])
  func hugeWorkIsRefusedBeforeItIsDone(_ input: String, _ layer: String, _ complaint: String) throws {
    let scratch = try Scratch()
    let path = try model(scratch, input: input, layer)
    for arguments in [["compile", path, "-o", scratch["out"]], ["inspect", path]] {
      let result = try run(arguments)
      #expect(result.status == 65)
      #expect(result.errors == "\(path):\(complaint)")
      #expect(result.output.isEmpty)
    }
    #expect(!FileManager.default.fileExists(atPath: scratch["out"]))
  }

  /// Each layer is small for what it reads; together they are not.
  @Test func layersThatDoubleAreRefusedTogether() throws {
    let scratch = try Scratch()
    var text = try String(
      contentsOfFile: try model(scratch, input: "1, 1", "UpSampling1D \"size\": 2"), encoding: .utf8)
    let one = "{\"class_name\": \"UpSampling1D\", \"config\": {\"name\": \"layer0\", \"size\": 2}}"
    text = text.replacing(
      one, with: (0..<24).map { one.replacing("layer0", with: "layer\($0)") }.joined(separator: ","))
    let path = try scratch.write(text, to: "m.json")
    let result = try run(["compile", path, "-o", scratch["out"]])
    #expect(result.status == 65)
    #expect(
      result.errors.hasPrefix(
        "\(path):config.layers[24]: error: layer 'layer23' (UpSampling1D): the largest of 25 layers that together need "
          + "tensors of 33554431 words; at most 16777216 are accepted\n"))
  }

  /// Windows hundreds of times larger than the model take no more memory than it: 81 million words here, 5 million by
  /// default.
  @Test(arguments: [
    ("96, 96, 1", "AveragePooling2D \"pool_size\": [95, 95]", "window-words=2^27"),
    ("48, 48, 1", "MaxPooling2D \"pool_size\": [47, 47]", nil),
    ("6000, 1", "AveragePooling1D \"pool_size\": 5999", nil),
  ])
  func windowsTakeNoMemory(_ input: String, _ layer: String, _ limits: String?) throws {
    let scratch = try Scratch()
    let path = try model(scratch, input: input, layer + ", \"strides\": 1, \"padding\": \"same\"")
    let result = try run(["compile", path, "-o", scratch["out"]], limits: limits)
    #expect(result.status == 0, "\(result.errors)")
    #expect(FileManager.default.fileExists(atPath: scratch["out"] + "/program.tf"))
    let report = try run(["report", scratch["out"]], limits: limits)
    #expect(report.status == 0, "\(report.errors)")
  }

  /// A project is checked as its model was: a program.tf can be made by hand.
  @Test func projectsAreCheckedToo() throws {
    let scratch = try Scratch()
    let path = try model(scratch, input: "4, 1", "UpSampling1D \"size\": 4")
    #expect(try run(["compile", path, "-o", scratch["out"]]).status == 0)
    let result = try run(
      ["emulate", scratch["out"], "--input", path, "-o", scratch["y.npy"]], limits: "words=5")
    #expect(result.status == 65)
    #expect(
      result.errors.contains("program.tf: error: up to here the program needs tensors of "),
      "\(result.errors)")
  }

  @Test func limitsOfAnotherFormAreRefused() throws {
    let scratch = try Scratch()
    let path = try model(scratch, input: "4", "Activation \"activation\": \"relu\"")
    for text in ["words", "words=lots", "taps=5", "words=2^50", "words=-1"] {
      let result = try run(["inspect", path], limits: text)
      #expect(result.status == 64)
      #expect(
        result.errors == "error: TRIGGERFISH_LIMITS: \"\(text)\" is no limit\n"
          + "hint: limits are words=2^26, window-words=2^26, constants=2^26\n")
    }
  }

  @Test func aModelWithoutWeightsNeedsNoFileOfThem() throws {
    let scratch = try Scratch()
    let path = try model(scratch, input: "4", "Activation \"activation\": \"relu\"")
    let result = try run(["inspect", path])
    #expect(result.status == 0, "\(result.errors)")
    let needy = try model(scratch, input: "4", "Dense \"units\": 2")
    let refused = try run(["inspect", needy])
    #expect(refused.status == 66)
    let stem = scratch["m"]
    #expect(
      refused.errors
        == "\(needy): error: no weights: there is neither \(stem)_weights.h5 nor \(stem).weights.h5 nor \(stem).h5\n"
        + "hint: name the weights file with --weights\n")
  }

  // MARK: Memory of damaged files

  /// Two bytes of text can take a kilobyte of memory.
  @Test func jsonOfManyValuesIsRefused() throws {
    let scratch = try Scratch()
    for (value, complaint) in [
      ("{}", "3000000 objects, 1 arrays and 2999999 values would take about 5756 MiB"),
      ("[]", "0 objects, 3000001 arrays and 2999999 values would take about 2323 MiB"),
    ] {
      let text = "[" + Array(repeating: value, count: 3_000_000).joined(separator: ",") + "]"
      let path = try scratch.write(text, to: "m.json")
      let result = try run(["inspect", path])
      #expect(result.status == 65)
      #expect(
        result.errors
          == "\(path): error: JSON of \(complaint) of memory; at most 1024 MiB are accepted\n")
    }
  }

  /// Just below the limit, the estimate is one: the real memory stays under the cap.
  @Test(arguments: ["{}", "[]", "1", "0.12345678", "\"\"", "{\"key of more than fifteen bytes\":[1]}"])
  func acceptedJSONStaysWithinTheMemoryItSays(_ value: String) throws {
    let scratch = try Scratch()
    let objects = value.count { $0 == "{" }, arrays = value.count { $0 == "[" }
    let values = 1 + value.count { $0 == ":" }
    let numbers = value.hasSuffix("]}") || value.first?.isNumber == true ? 1 : 0
    let each =
      4 * (value.utf8.count + 1) + 1800 * objects + 600 * arrays + 160 * numbers
      + 200 * (value.first?.isNumber == true ? values - 1 : values)
    let count = (1 << 30) / each - 10
    let path = try scratch.write(
      "[" + Array(repeating: value, count: count).joined(separator: ",") + "]", to: "m.json")
    let result = try run(["inspect", path])
    #expect(result.status == 65)
    #expect(result.errors.contains("this JSON is not a Keras model"), "\(result.errors)")
  }

  /// One byte makes a length of gigabytes of a small one: HDF5 allocates first, and finds the file too short for it then.
  @Test func damagedHDF5IsRefusedBeforeItTakesMemory() throws {
    let scratch = try Scratch()
    let sound = CommandLine.root.appendingPathComponent(
      "Tests/FrontendsTests/Fixtures/keras2/functional.h5")
    var bytes = try Data(contentsOf: sound)
    // The highest byte of the length of the attribute model_config, 6015 bytes.
    #expect(bytes[1040..<1044].elementsEqual([0x7f, 0x17, 0, 0]))
    bytes[1043] = 0x7f
    let path = scratch["m.h5"]
    try bytes.write(to: URL(fileURLWithPath: path))
    let result = try run(["inspect", path])
    #expect(result.status == 65)
    #expect(
      result.errors
        == "\(path): error: a damaged HDF5 file: reading it would take more than 512 MiB of memory\n")
    #expect(try run(["inspect", sound.path]).errors.contains("layer 'cosine': a Dot layer with normalize"))
  }

  /// The weights read are counted, however well a file compresses them and however often layers share them.
  @Test func weightsAreCountedAsTheyAreRead() throws {
    let path = CommandLine.root.appendingPathComponent("Tests/FrontendsTests/Fixtures/broken/good.json").path
    let weights = CommandLine.root.appendingPathComponent("Tests/FrontendsTests/Fixtures/broken/good.h5").path
    let result = try run(["inspect", path, "--weights", weights], limits: "constants=3")
    #expect(result.status == 65)
    #expect(
      result.errors.contains("constant words; at most 3 are accepted\nhint: TRIGGERFISH_LIMITS=constants=N"),
      "\(result.errors)")
  }

  /// An archive whose weights are 300 MB of zeros, and one whose weights are no HDF5 file but small enough to unpack.
  @Test func archivesThatUnpackToZerosAreRefused() throws {
    let scratch = try Scratch()
    let path = scratch["m.keras"]
    for (size, complaint) in [
      (300_000_000, "the entry unpacks to 300000000 bytes; at most 268435456 are accepted here"),
      (100_000_000, "the entry is not what its name says, or damaged"),
    ] {
      let script = """
        import sys, zipfile
        archive = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        archive.writestr("config.json", '{"class_name": "Sequential", "config": {"layers": []}}')
        archive.writestr("model.weights.h5", bytes(\(size)))
        archive.close()
        """
      let made = try CommandLine.run(
        ["python3", "-c", script, path], tool: URL(fileURLWithPath: "/usr/bin/env"))
      try #require(made.status == 0, "\(made.errors)")
      let result = try run(["inspect", path])
      #expect(result.status == 65)
      #expect(result.errors == "\(path):model.weights.h5: error: \(complaint)\n")
    }
  }
}
