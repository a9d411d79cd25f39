import Foundation
import Testing

/// A C program against include/triggerfish.h and the library, held against hls4ml's vectors.
@Suite struct LibraryTests {
  static let library = CommandLine.binary.deletingLastPathComponent().appendingPathComponent(
    "libTriggerfishC.so"
  ).path

  static let program = """
    #include <stdio.h>
    #include <stdlib.h>
    #include "triggerfish.h"
    int main(int argc, char **argv) {
      tf_model *model = NULL;
      char *message = NULL;
      int code = tf_load(argv[1], NULL, argv[2], NULL, 0, NULL, 0, 1, &model, &message);
      if (code) {
        fputs(message, stderr);
        tf_free_message(message);
        return code;
      }
      size_t events = 2000;
      size_t in = tf_dimension(model, TF_INPUTS, 0, 0), out = tf_dimension(model, TF_OUTPUTS, 0, 0);
      float *x = malloc(events * in * sizeof *x);
      double *y = malloc(events * out * sizeof *y);
      FILE *file = fopen(argv[3], "rb");
      fseek(file, -(long)(events * in * sizeof *x), SEEK_END);
      if (fread(x, sizeof *x, events * in, file) != events * in) return 2;
      const void *inputs[] = {x};
      void *results[] = {y};
      if (tf_run(model, events, inputs, TF_FLOAT32, TF_OUTPUTS, results, TF_FLOAT64, &message)) return 3;
      if (tf_run(model, events, inputs, 7, TF_OUTPUTS, results, TF_FLOAT64, &message) != 64) return 4;
      tf_free_message(message);
      /* 2^60 and 2^44 events: their bytes overflow, or are more than any memory. */
      for (int shift = 44; shift <= 60; shift += 16) {
        if (tf_run(model, (size_t)1 << shift, inputs, TF_FLOAT32, TF_OUTPUTS, results, TF_FLOAT64, &message) != 64) return 5;
        fputs(message, stderr);
        tf_free_message(message);
      }
      fwrite(y, sizeof *y, events * out, stdout);
      tf_free(model);
      return 0;
    }
    """

  private func tool(_ path: String, _ arguments: [String]) throws -> (
    status: Int32, output: Data, errors: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = CommandLine.root
    let scratch = try Scratch()
    let (out, err) = (try scratch.write("", to: "out"), try scratch.write("", to: "err"))
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: err)
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationStatus, try Data(contentsOf: URL(fileURLWithPath: out)),
      try String(contentsOfFile: err, encoding: .utf8)
    )
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: library), "no C library: make library"))
  func aCProgramGetsHls4mlsNumbers() throws {
    let scratch = try Scratch()
    let source = try scratch.write(Self.program, to: "main.c")
    let built = try tool(
      "/usr/bin/env",
      [
        "gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wno-unused-parameter", "-Werror", "-I",
        "include", source, Self.library, "-o", scratch["run"],
        "-Wl,-rpath,\((Self.library as NSString).deletingLastPathComponent)",
      ])
    try #require(built.status == 0, "\(built.errors)")
    let found = try tool(scratch["run"], [DemoTests.model, DemoTests.config, "models/jet_tagger/events.npy"])
    try #require(found.status == 0, "\(found.errors)")
    let complaint = "events of [16] numbers are more than the memory of any process"
    #expect(found.errors == "error: \(1 << 44) \(complaint)error: \(1 << 60) \(complaint)")
    let golden = CommandLine.root.appendingPathComponent(
      "Tests/ConformanceTests/Golden/jet_tagger_hls/outputs.npy")
    #expect(found.output.count == 2000 * 5 * 8)
    #expect(found.output == (try Data(contentsOf: golden)).suffix(2000 * 5 * 8))
    let missing = try tool(scratch["run"], ["nowhere.json", DemoTests.config, "x"])
    #expect(missing.status == 66 && missing.errors.contains("nowhere.json"))
  }
}
