import Configuration
import Diagnostics
import FixedPoint
import Foundation
import Model
import Testing

@testable import Frontends

/// The text of projects that hls4ml wrote: what is read of it, what is refused and where. Bits are in ConformanceTests.
@Suite("Text of hls4ml projects")
struct HLS4MLProjectTests {
  /// A project of one dense layer and a relu, some of its files replaced.
  struct Project {
    var files = [
      "defines.h": """
      #define N_IN 2
      typedef ap_fixed<16,6> input_t;
      typedef ap_fixed<12, -2 + 3 * 2, AP_RND, AP_SAT, 0> layer2_t;
      typedef ap_ufixed<8,4,AP_RND_CONV,AP_SAT,AP_SAT> result_t;
      typedef ap_fixed<8,3> weight2_t;
      typedef weight2_t bias2_t;
      """,
      "parameters.h": """
      #include "nnet_utils/nnet_dense.h"
      #include "weights/w2.h"
      #include "weights/b2.h"
      namespace network {
      // fc
      struct config2 : nnet::dense_config {
          static const unsigned n_in = N_IN;
          static const unsigned n_out = 3;
          static const unsigned strategy = nnet::latency;
          static const unsigned reuse_factor = 1;
          static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor);
          typedef layer2_t accum_t;
          typedef bias2_t bias_t;
          typedef weight2_t weight_t;
          template<class x_T, class y_T>
          using product = nnet::product::mult<x_T, y_T>;
      };
      struct relu_config3 : nnet::activ_config {
          static const unsigned n_in = (N_IN == -1) ? N_IN : N_IN + 1;
      };
      }
      """,
      "network.cpp": """
      #include "parameters.h"
      namespace network {
      void network(
          input_t x[N_IN], // the input
          result_t y[3]
      ) {
          #pragma HLS PIPELINE
          layer2_t layer2_out[3];
          nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // fc
          nnet::relu<layer2_t, result_t, relu_config3>(layer2_out, y); // relu
      }
      }
      """,
      "weights/w2.h": "weight2_t w2[6] = {0.5, -1.0, 0.0312, 2, 3e-1, -4.0};\n",
      "weights/b2.h": "bias2_t b2[3] = {0.1, 0.2, 9};\n",
    ]

    /// What reading it gives, or what is refused, a line each, the folder left out.
    func read(_ name: String = "") throws -> Result<ImportedModel, Problems> {
      let folder = NSTemporaryDirectory() + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: folder) }
      for (name, content) in files {
        let path = URL(fileURLWithPath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: path, atomically: false, encoding: .utf8)
      }
      do throws(Failure) {
        return .success(try loadModel(path: name.isEmpty ? folder : "\(folder)/\(name)"))
      } catch {
        return .failure(
          Problems(
            lines: error.diagnostics.map {
              "\($0.file ?? ""):\($0.place ?? ""): \($0.message)".replacing(folder + "/", with: "").replacing(
                folder, with: "")
            }))
      }
    }

    /// The project with some text replaced.
    static func with(_ file: String, _ old: String, _ new: String) -> Project {
      var project = Project()
      project.files[file] = project.files[file]?.replacing(old, with: new)
      return project
    }
  }

  struct Problems: Error { var lines: [String] }

  func problems(_ project: Project, _ name: String = "") throws -> [String] {
    switch try project.read(name) {
    case .success: []
    case .failure(let problems): problems.lines
    }
  }

  @Test("A header that is cut off is no header of fewer words")
  func headersThatAreCutOff() throws {
    let guarded = Project.with(
      "parameters.h", "#include \"nnet_utils/nnet_dense.h\"",
      "#ifndef PARAMETERS_H_\n#define PARAMETERS_H_\n#include \"nnet_utils/nnet_dense.h\"")
    var whole = guarded
    whole.files["parameters.h"]? += "\n#endif\n"
    #expect(try problems(whole) == [])
    #expect(
      try problems(guarded) == ["parameters.h:1: the condition here has no #endif: the file is cut off"])
    var cut = Project()
    let text = try #require(cut.files["parameters.h"])
    cut.files["parameters.h"] = String(text[..<(try #require(text.range(of: "typedef bias2_t")).lowerBound)])
    #expect(
      try problems(cut).contains { $0.contains("'struct config2' has no end: the file is cut off") })
  }

  @Test("What wraps a network for other software is not read, unless it is all there is")
  func wrappers() throws {
    let wrapper = """
      #include "network.h"
      #include "emulator.h"
      class network_emulator : public emulator::Model {
        virtual void predict() { network::network(_input, _result); }
        input_t _input[N_IN];
      };
      extern "C" emulator::Model* create_model() { return new network_emulator; }
      """
    var project = Project()
    project.files["network_emulator.cpp"] = wrapper
    #expect(try project.read().get().model.layers.map(\.name) == ["x", "fc", "relu"])
    project.files["network.cpp"] = nil
    let none = "no C++ file here has a function that calls hls4ml's kernels"
    #expect(try problems(project).contains { $0.contains(none) })
    // What calls kernels is read, and has to be understood.
    let broken = Project.with("network.cpp", "#pragma HLS PIPELINE", "auto f = new network;")
    #expect(try problems(broken).contains { $0.contains("is not understood") })
  }

  @Test("Types, constants, expressions, names and weights are read")
  func reads() throws {
    let imported = try Project().read().get()
    let configuration = try #require(imported.configuration)
    #expect(configuration.isWritten)
    #expect(imported.model.name == "network")
    #expect(imported.model.layers.map(\.name) == ["x", "fc", "relu"])
    #expect(imported.model.layers.map(\.outputShape) == [[2], [3], [3]])
    #expect(configuration.layerNames["fc"]?.types["result"] == FixedFormat(12, 4, .rnd, .sat))
    #expect(
      configuration.layerNames["relu"]?.types["result"] == FixedFormat(8, 4, signed: false, .rndConv, .sat))
    guard case .dense(let dense) = imported.model.layers[1].kind else { return #expect(Bool(false)) }
    // As the type has them: ap_fixed<8,3> floors and wraps.
    #expect(dense.kernel.values == [0.5, -1, 0, 2, 0.28125, -4])
    #expect(dense.bias?.values == [0.09375, 0.1875, 1])
  }

  @Test("The top function's file may be named")
  func namedFile() throws {
    #expect(try problems(Project(), "network.cpp") == [])
    var two = Project()
    two.files["other.cpp"] = two.files["network.cpp"]?.replacing("void network(", with: "void other(")
    #expect(try problems(two).count == 1)
    #expect(try problems(two, "other.cpp") == [])
  }

  @Test("Everything that is not understood is listed, with its file and line")
  func allAtOnce() throws {
    var project = Project.with("network.cpp", "nnet::relu<", "nnet::rellu<")
    project.files["defines.h"]? += "\nfloat const x = sqrt(2);\nint y;\nunion z { int a; };\n"
    project.files["weights/w2.h"] = "weight2_t w2[6] = {0.5, half, 1};\n"
    #expect(
      try problems(project) == [
        "defines.h:8: 'int y' is not understood",
        "defines.h:9: 'union z {…}' is not understood",
        "network.cpp:9: 'w2' is not an array of weights",
        "network.cpp:10: the kernel nnet::rellu is not read",
        "weights/w2.h:1: 'half' stands where number 2 of 'w2' should",
      ])
  }

  @Test(
    "What has no meaning is refused",
    arguments: [
      ("defines.h", "ap_fixed<16,6> input_t", "ap_fixed<200,6> input_t", "the width is 200"),
      ("defines.h", "ap_fixed<16,6> input_t", "float input_t", "is not a fixed-point type"),
      ("defines.h", "typedef ap_fixed<8,3> weight2_t", "typedef bias2_t weight2_t", "goes round in circles"),
      ("defines.h", "#define N_IN 2", "#define N_IN (N_IN)", "nested too deep"),
      ("defines.h", "#define N_IN 2", "#define N_IN 1 << 60", "is not understood"),
      ("defines.h", "#define N_IN 2", "#define N_IN 9223372036854775807 * 3", "has no value"),
      ("defines.h", "#define N_IN 2", "#define N_IN -5", "is not a size"),
      // A leading zero: eight.
      ("defines.h", "#define N_IN 2", "#define N_IN 010", "'w2' has 6 numbers; the layer needs 24"),
      ("defines.h", "#define N_IN 2", "#define N_IN 09", "'09' is not an octal number"),
      (
        "defines.h", "typedef weight2_t bias2_t;",
        "typedef weight2_t bias2_t; typedef ap_fixed<9,3> bias2_t;",
        "the type 'bias2_t' is weight2_t already"
      ),
      ("parameters.h", "n_out = 3", "n_out = 1099511627776", "config2::n_out is 1099511627776"),
      ("parameters.h", "n_out = 3", "n_out = 4", "'w2' has 6 numbers; the layer needs 8"),
      ("parameters.h", "product::mult", "product::divide", "products by divide are not read"),
      (
        "parameters.h", "nnet::latency", "nnet::distributed_arithmetic",
        "config2 has no function dense_da"
      ),
      ("parameters.h", "weights/w2.h", "weights/../../w2.h", "is outside the project"),
      ("parameters.h", "weights/w2.h", "weights/w3.h", "the file 'weights/w3.h' is not there"),
      ("network.cpp", "x, layer2_out", "layer2_out, layer2_out", "'layer2_out' has no value here"),
      ("network.cpp", "layer2_out, y);", "layer2_out, x);", "the parameter 'y' of 'network' is not used"),
      (
        "network.cpp", "layer2_t layer2_out[3];", "layer2_t layer2_out[3]; for (;;) x[0]++;",
        "is not understood"
      ),
    ])
  func refused(file: String, old: String, new: String, message: String) throws {
    let found = try problems(.with(file, old, new))
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  /// The dense layer for every step of a series, as hls4ml writes TimeDistributed.
  private static func steps(_ old: String = "", _ new: String = "") -> Project {
    var project = Project.with(
      "network.cpp", "layer2_t layer2_out[3];",
      "input_t row_out[N_IN]; layer2_t sums_out[3]; layer2_t layer2_out[4*3];")
    project.files["network.cpp"] = project.files["network.cpp"]?
      .replacing("input_t x[N_IN]", with: "input_t x[4*N_IN]").replacing("y[3]", with: "y[4*3]")
      .replacing(
        "nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // fc",
        with: """
          for (int ts = 0; ts < config1::n_time_steps; ts++) {
              nnet::read_time_step_2d<input_t, config1>(ts, x, row_out); // each
              nnet::dense<input_t, layer2_t, config2>(row_out, sums_out, w2, b2); // fc
              nnet::write_time_step_2d<layer2_t, config3>(ts, sums_out, layer2_out);
          } // each_end
          """
      ).replacing(old, with: new)
    project.files["parameters.h"] = project.files["parameters.h"]?.replacing("N_IN + 1", with: "4 * 3")
    project.files["parameters.h"]? += """
      struct config1 : nnet::time_distributed_config {
          static const unsigned n_time_steps = 4;
          static const unsigned n_chan = N_IN;
      };
      struct config3 : nnet::time_distributed_config {
          static const unsigned n_time_steps = 4;
          static const unsigned n_chan = 3;
      };
      struct endless : nnet::time_distributed_config {
          static const unsigned n_time_steps = 5000;
      };
      """
    return project
  }

  @Test("A loop over steps is its layers for each of them, and its results joined")
  func loops() throws {
    let model = try Self.steps().read().get().model
    let dense = model.layers.filter { $0.className == "Dense" }
    #expect(dense.map(\.name) == (0..<4).map { "fc_step\($0)" })
    let joined = try #require(model.layers.first { $0.name == "layer2" })
    #expect(joined.outputShape == [4, 3])
    #expect(joined.inputs.count == 4)
  }

  @Test(
    "Loops that are something else are refused, each problem once",
    arguments: [
      (
        "int ts = 0", "int ts = 1", "the loop 'for(int ts=1;ts<config1::n_time_steps;ts++)' is not understood"
      ),
      ("ts++", "ts += 2", "ts+=2)' is not understood"),
      ("ts < config1::n_time_steps", "ts < 4", "is not understood"),
      (
        "ts < config1::n_time_steps", "ts < endless::n_time_steps",
        "a loop of 5000 steps: from 1 to 4096"
      ),
      ("config1>(ts, x", "config1>(0, x", "nnet::read_time_step_2d is not called with the step of a loop"),
      ("ts, sums_out, layer2_out);", "ts, row_out, layer2_out);", "reads [1, 3] of 'row_out', which is [2]"),
      (
        "} // each_end", "} // each_end\nnnet::read_time_step_2d<input_t, config1>(ts, x, y);",
        "the step of a loop"
      ),
      (
        "ts, sums_out, layer2_out);",
        "ts, sums_out, layer2_out); nnet::write_time_step_2d<layer2_t, config3>(ts, sums_out, layer2_out);",
        "'layer2_out' is written twice in a step"
      ),
      (
        "nnet::write_time_step_2d<layer2_t, config3>(ts, sums_out, layer2_out);", "",
        "'layer2_out' has no value here"
      ),
      ("row_out, sums_out, w2", "sums_out, sums_out, w2", "'sums_out' has no value here"),
    ])
  func brokenLoops(old: String, new: String, message: String) throws {
    let found = try problems(Self.steps(old, new))
    #expect(found.count { $0.contains(message) } == 1, "\(found)")
  }

  /// The dense layer as additions: 0.5 x0 + x1 / 4 + 1/8, x0 - x1, -4 x1.
  private static func adders(_ statements: String) -> Project {
    var project = Project.with(
      "network.cpp", "nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2);",
      "other::dense_da_2<input_t, layer2_t>(x, layer2_out);")
    project.files["nnet_utils/nnet_code_gen.h"] = """
      template <int s, int b, int i> ap_fixed<b, i + s> bit_shift(ap_fixed<b, i> x) { return x; }
      namespace other {
      // dense_da_2(inp, out) is what follows
      template <typename inp_t, typename out_t>
      void dense_da_2(inp_t inp[2], out_t out[3]) { // as da4ml writes it
          #pragma HLS INLINE
      \(statements)
      }
      }
      """
    return project
  }

  private static let sums = """
    ap_fixed<19,7> v0 = bit_shift<-1>(inp[0]) + bit_shift<-2>(inp[1]);
    ap_fixed<17,7> v1 = inp[0] - inp[1];
    out[0] = v0 + ap_ufixed<1,-2>(0.125);
    out[1] = ap_fixed<17,7>(v1);
    out[2] = -bit_shift<2>(inp[1]);
    """

  @Test("Adder functions are the matrices that they come to")
  func adderFunctions() throws {
    let imported = try Self.adders(Self.sums).read().get()
    guard case .dense(let dense) = imported.model.layers[1].kind else { return #expect(Bool(false)) }
    #expect(imported.model.layers[1].name == "fc")
    #expect(dense.kernel.values == [0.5, 1, 0, 0.25, -1, -4])
    #expect(dense.bias?.values == [0.125, 0, 0])
  }

  @Test(
    "Adder functions that are no sums of products are refused",
    arguments: [
      ("ap_fixed<17,7> v1", "ap_fixed<16,6> v1", "'v1' does not hold all that its sum can be"),
      ("ap_fixed<17,7> v1", "ap_fixed<16,7> v1", "'v1' does not hold all that its sum can be"),
      ("inp[0] - inp[1]", "inp[0] - inp[2]", "reads inp[2] of 2"),
      ("inp[0] - inp[1]", "inp[0] * inp[1]", "is not understood"),
      ("out[1] =", "out[0] =", "writes out[0] of 3"),
      ("v0 +", "v7 +", "'v7' has no value here"),
      ("bit_shift<2>", "bit_shift<900>", "shifts by 900"),
      ("(0.125)", "(0.1)", "is not exact"),
    ])
  func refusedAdders(old: String, new: String, message: String) throws {
    let found = try problems(Self.adders(Self.sums.replacing(old, with: new)))
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  /// A quantizer of HGQ's in the place of the ReLU.
  private static func conversions(_ statements: String) -> Project {
    var project = Project.with(
      "network.cpp", "nnet::relu<layer2_t, result_t, relu_config3>(layer2_out, y); // relu",
      "other::fc_oq<layer2_t, result_t>(layer2_out, y); // fc_oq")
    project.files["nnet_utils/nnet_code_gen.h"] = """
      namespace other {
      template<typename input_t, typename output_t>
      void fc_oq(input_t *inp, output_t *out) {
          #pragma HLS INLINE
      \(statements)
      }
      }
      """
    return project
  }

  private static let elements = """
    out[0] = ap_fixed<4,2,AP_RND,AP_SAT>(inp[0]);
    out[1] = 0;
    out[2] = ap_ufixed<3,-1,AP_RND,AP_SAT>(inp[2]);
    """

  @Test("Functions of conversions are quantizers, a format for each element")
  func conversionFunctions() throws {
    let imported = try Self.conversions(Self.elements).read().get()
    guard case .activation(.quantizer(.fixed(let quantizer))) = imported.model.layers[2].kind else {
      return #expect(Bool(false))
    }
    #expect(imported.model.layers[2].name == "fc_oq")
    #expect(quantizer.isSigned.values == [true, false, false])
    #expect(quantizer.integerBits.values == [1, 0, -1])
    #expect(quantizer.fractionBits.values == [2, 0, 4])
    #expect(quantizer.rounding == .rnd && quantizer.overflow == .sat)
  }

  @Test(
    "Functions of anything else are refused",
    arguments: [
      ("out[1] = 0;", "", "writes 2 of 3 elements"),
      ("out[1] = 0;", "out[1] = 1;", "'out[1]=1' is not understood"),
      ("out[1] = 0;", "out[2] = 0;", "writes out[2] of 3"),
      ("(inp[2])", "(inp[1])", "reads another element than 2"),
      ("ap_ufixed<3,-1,AP_RND,", "ap_ufixed<3,-1,AP_TRN,", "'fc_oq' rounds its elements in several ways"),
      ("ap_ufixed<3,-1,AP_RND,AP_SAT>", "ac_fixed<3,1,false>", "is not a fixed-point type"),
    ])
  func refusedConversions(old: String, new: String, message: String) throws {
    let found = try problems(Self.conversions(Self.elements.replacing(old, with: new)))
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test("A chain of constants that doubles at each step does not take forever")
  func doubling() throws {
    let chain = (1...40).map { "static const int c\($0) = c\($0 - 1) + c\($0 - 1);" }.joined(separator: "\n")
    var project = Project.with("parameters.h", "n_out = 3", "n_out = c40")
    project.files["defines.h"]? += "\nstatic const int c0 = 0;\n" + chain
    #expect(try problems(project).contains { $0.contains("takes too long to work out") })
  }

  @Test("Text weights count where no macro is needed, and must be those of the header")
  func textWeights() throws {
    func load(_ condition: String) -> String {
      """
      \(condition)
      static bool loaded_weights = false;
      if (!loaded_weights) {
          nnet::load_weights_from_txt<weight2_t, 6>(w2, "w2.txt");
          loaded_weights = true;
      }
      #endif
      layer2_t layer2_out[3];
      """
    }
    var project = Project.with("network.cpp", "layer2_t layer2_out[3];", load("#ifndef __SYNTHESIS__"))
    project.files["weights/w2.txt"] = "0.5, -1.0, 0.0312, 2, 3e-1, -4.0\n"
    #expect(try problems(project) == [])
    project.files["weights/w2.txt"] = "0.5, -1.0, 0.0312, 2, 3e-1, -3.0\n"
    #expect(try problems(project).contains { $0.contains("other numbers in its text file") })
    project.files["weights/w2.h"] = "weight2_t w2[6];\n"
    #expect(try problems(project) == [])
    // Text that nothing reads by default may be out of date.
    var optional = Project.with(
      "network.cpp", "layer2_t layer2_out[3];", load("#ifdef LOAD_WEIGHTS_FROM_TXT"))
    optional.files["weights/w2.txt"] = "1"
    #expect(try problems(optional) == [])
    // Text files are those of the folder weights.
    project = Project.with(
      "network.cpp", "layer2_t layer2_out[3];", load("#if 1").replacing("w2.txt", with: "../../x"))
    #expect(try problems(project).contains { $0.contains("files of the folder weights") })
  }

  @Test("Any part of a file cut off is a problem, not a crash")
  func cutOff() throws {
    for file in ["defines.h", "parameters.h", "network.cpp", "weights/w2.h"] {
      let whole = try #require(Project().files[file])
      for length in stride(from: 0, to: whole.count - 2, by: 7) {
        var project = Project()
        project.files[file] = String(whole.prefix(length))
        _ = try problems(project)
      }
    }
  }
}
