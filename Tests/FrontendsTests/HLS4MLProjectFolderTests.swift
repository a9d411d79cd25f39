import Foundation
import Model
import Testing

@testable import Frontends

/// Projects as experiments publish them: rearranged by hand after hls4ml wrote them.
extension HLS4MLProjectTests {
  /// The project in a folder of another, with files beside it.
  private static func moved(to folder: String, beside: [String: String] = [:]) -> Project {
    var project = Project()
    project.files = Dictionary(
      uniqueKeysWithValues: project.files.map { ("\(folder)/\($0.key)", $0.value) }
    ).merging(beside) { $1 }
    return project
  }

  @Test(
    "A project is found in the folders of the one named",
    arguments: ["NN", "firmware", "v6/NN", "model/v6/firmware", "whatever"])
  func folders(folder: String) throws {
    let project = Self.moved(
      to: folder, beside: ["emulator.cpp": "class emulator { };", "Makefile": "all:\n"])
    #expect(try problems(project) == [])
    #expect(try problems(project, "\(folder)/parameters.h") == [])
  }

  @Test("The nearest project counts, and of equally near ones none")
  func several() throws {
    var two = Self.moved(to: "v1/NN")
    for (name, content) in Project().files { two.files["v2/NN/\(name)"] = content }
    #expect(try problems(two) == [":: there are 2 projects in this folder: v1/NN, v2/NN"])
    #expect(try problems(two, "v2") == [])
    for (name, content) in Project().files { two.files["NN/\(name)"] = content }
    #expect(try problems(two) == [])
  }

  @Test("Types in other headers count; what else these say does not matter where everything is found")
  func otherHeaders() throws {
    var project = Project.with(
      "network.cpp", "#include \"parameters.h\"", "#include \"network.h\"\n#include \"parameters.h\"")
    project.files["network.h"] = "#include \"types.h\"\nclass wrapper { int a; };\n"
    project.files["types.h"] = "typedef ap_fixed<16,6> input_t;\n"
    project.files["defines.h"] = project.files["defines.h"]?.replacing(
      "typedef ap_fixed<16,6> input_t;", with: "")
    #expect(try problems(project) == [])
    project.files["types.h"] = "union { int a; } input_t;\n"
    let found = try problems(project)
    #expect(found.contains { $0.hasPrefix("network.h:2:") } && found.contains { $0.hasPrefix("types.h:1:") })
    #expect(found.contains { $0.contains("the type 'input_t' is not a fixed-point type") })
  }

  @Test("Of several top functions that one counts which the headers belong to")
  func versions() throws {
    let top = try #require(Project().files["network.cpp"])
    let old = top.replacing("void network(", with: "void old(")
    var project = Project()
    project.files["old.cpp"] = old.replacing("namespace network {", with: "namespace old {")
    #expect(try project.read().get().model.name == "network")
    #expect(
      try project.read().get().notes.compactMap(\.file).map { ($0 as NSString).lastPathComponent } == [
        "old.cpp"
      ])
    project.files["old.cpp"] = old.replacing("#include \"parameters.h\"", with: "#include \"old.h\"")
    #expect(try project.read().get().model.name == "network")
    project.files["old.h"] = "void old();\n"
    #expect(try problems(project).contains { $0.contains("several functions call hls4ml's kernels") })
  }

  @Test("Numbers in weights.cpp count for arrays that headers only declare")
  func definitions() throws {
    var project = Project()
    project.files["weights.cpp"] = "const weight2_t w2[6] = {1, 1, 1, 1, 1, 1};\n"
    #expect(try problems(project) == [])
    project.files["weights/w2.h"] = "extern weight2_t w2[6];\n"
    guard case .dense(let dense) = try project.read().get().model.layers[1].kind else {
      return #expect(Bool(false))
    }
    #expect(dense.kernel.values == [1, 1, 1, 1, 1, 1])
    project.files["weights/b2.h"]? += "extern bias2_t other[1];\n"
    project.files["weights.cpp"]? += "bias2_t b2[3] = {0.1, 0.2, 8};\n"
    #expect(try problems(project).contains { $0.contains("'b2' has two initializers") })
  }

  @Test(
    "What only prints is passed over",
    arguments: [
      "std::cout << \"fc1\" << layer2_out[0].to_double() << std::endl;",
      "for (int i = 0; i < N_IN; ++i) { std::cout << layer2_out[i] << \" , \"; std::cout << std::endl; }",
      "for (unsigned i = 0; i < 3; i++) std::cerr << float(layer2_out[i]);",
      "printf(\"%f\", layer2_out[1].to_float());",
    ])
  func prints(statement: String) throws {
    let line = "layer2_t layer2_out[3];"
    #expect(try problems(.with("network.cpp", line, "\(line) \(statement)")) == [])
  }

  @Test(
    "What prints and computes is refused",
    arguments: [
      "std::cout << (layer2_out[0] = 1);", "std::cout << change(layer2_out);", "std::cout << x[0]++;",
      "for (int i = 0; i < 3; ++i) { std::cout << i; layer2_out[i] = 0; }",
      "for (int i = layer2_out[0] = 1; i < 3; ++i) { std::cout << i; }",
      "for (int i = 0; i < 3; ++i) layer2_out[i] = x[0];",
    ])
  func computingPrints(statement: String) throws {
    let line = "layer2_t layer2_out[3];"
    let found = try problems(.with("network.cpp", line, "\(line) \(statement)"))
    #expect(found.contains { $0.contains("is not understood") }, "\(found)")
  }

  /// A pointwise convolution by the class that hls4ml 1.0 writes, of four positions in two parts.
  private static func partitioned(_ statements: String) -> Project {
    var project = Project.with(
      "network.cpp", "nnet::dense<input_t, layer2_t, config2>",
      "nnet::pointwise_conv_1d_cl<input_t, layer2_t, config4>")
    project.files["network.cpp"] = project.files["network.cpp"]?
      .replacing("input_t x[N_IN]", with: "input_t x[4*N_IN]").replacing("y[3]", with: "y[4*3]")
      .replacing("layer2_out[3]", with: "layer2_out[4*3]")
    project.files["parameters.h"] = project.files["parameters.h"]?.replacing("N_IN + 1", with: "4 * 3")
    project.files["parameters.h"]? += """
      struct config4 : nnet::conv1d_config {
          static const unsigned in_width = 4;
          static const unsigned n_chan = N_IN;
          static const unsigned filt_width = 1;
          static const unsigned n_filt = 3;
          static const unsigned stride_width = 1;
          static const unsigned out_width = 4;
          static const unsigned reuse_factor = 2;
          static const unsigned strategy = nnet::latency;
          typedef layer2_t accum_t;
          typedef config2 mult_config;
          template<class data_T, class res_T, class CONFIG_T>
          using conv_kernel = other::pointwise_conv_4<data_T, res_T, CONFIG_T>;
      };
      """
    project.files["nnet_utils/nnet_code_gen.h"] = """
      namespace other {
      template<class data_T, class res_T, typename CONFIG_T>
      class pointwise_conv_4 : public nnet::Conv1DKernel<data_T, res_T, CONFIG_T> {
        public:
          static void conv(data_T *data, res_T *res, typename CONFIG_T::weight_t *weights, typename CONFIG_T::bias_t *biases) {
              data_T data_tmp[2][4];
              for (int i = 0; i < 8; i++) { data_tmp[i / 4][i % 4] = data[i]; }
      \(statements)
          }
      };
      }
      """
    return project
  }

  private static func part(_ data: Int, _ result: Int) -> String {
    "nnet::pointwise_conv_1d_latency_cl<data_T, res_T, CONFIG_T>(data_tmp[\(data)], res_tmp[\(result)], weights, biases);\n"
  }

  @Test("A class written for a pointwise convolution has to compute all of its parts")
  func parts() throws {
    #expect(try problems(Self.partitioned(Self.part(0, 0) + Self.part(1, 1))) == [])
    let half = try problems(Self.partitioned(Self.part(0, 0)))
    #expect(half.contains { $0.contains("computes 1 of the 2 parts of its result") }, "\(half)")
    for other in [Self.part(0, 0) + Self.part(1, 0), "res[0] = data[0];"] {
      let found = try problems(Self.partitioned(other))
      #expect(
        found.contains { $0.contains("'pointwise_conv_4' in") && $0.contains("is not understood") },
        "\(found)")
    }
  }
}
