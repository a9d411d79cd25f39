import Configuration
import Foundation
import Storage
import Testing

@Suite struct LookupTests {
  /// Random configurations, against what hls4ml 1.3.0 finds in them (Fixtures/make_lookups.py).
  @Test func findsWhatHls4mlFinds() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    let cases = try #require(
      JSONNode(contentsOf: folder.appending(path: "lookups.json").path(percentEncoded: false)).elements)
    #expect(cases.count == 30)
    for entry in cases {
      let yaml = try #require(entry["yaml"]?.string)
      let configuration = try Configuration.parse(yaml: yaml, file: "c.yml").configuration
      for query in try #require(entry["queries"]?.elements) {
        try check(query, in: configuration, Comment(rawValue: "\(query.path) of\n\(yaml)"))
      }
    }
  }

  private func check(_ query: JSONNode, in configuration: Configuration, _ comment: Comment) throws {
    let layer = try #require(query["layer"]?.string)
    let className = try #require(query["class"]?.string)
    let modelDefaults = try #require(query["isModelDefault"]?.elements).map(\.string)
    for tensor in ["result", "weight", "bias", "accum", "depthwise_accum", "depthwise_result"] {
      let found = configuration.precision(layer: layer, className: className, tensor: tensor)
      #expect(found?.description == query["precision"]?[tensor]?.string, comment)
      if found != nil {
        #expect(
          configuration.isModelDefault(layer: layer, className: className, tensor: tensor)
            == modelDefaults.contains(tensor), comment)
      }
    }
    #expect(
      configuration.reuseFactor(layer: layer, className: className) == query["reuseFactor"]?.integer, comment)
    let strategy = try #require(query["strategy"]?.string)
    #expect(
      configuration.strategy(layer: layer, className: className).rawValue
        == (strategy == "da" ? "distributed_arithmetic" : strategy), comment)
    #expect(configuration.targetCycles(layer: layer) == query["targetCycles"]?.integer, comment)
    #expect(
      configuration.compression(layer: layer, className: className) == query["compression"]?.bool, comment)
    #expect(
      configuration.convImplementation(layer: layer).rawValue == query["convImplementation"]?.string, comment)
    #expect(
      configuration.parallelizationFactor(layer: layer, className: className)
        == query["parallelizationFactor"]?.integer, comment)
  }

  /// Settings without a lookup of their own come from the class and then the name, letter case counting.
  @Test func mergesSettings() throws {
    let configuration = try Configuration.parse(
      yaml: """
        LayerType:
          Softmax: {TableSize: 2048, Implementation: latency, exp_table_t: "ap_fixed<12,4>"}
        LayerName:
          softmax: {Implementation: argmax, table_t: "ap_fixed<18,8>", Skip: true}
          Softmax_2: {TableSize: 512}
        """, file: "c.yml"
    ).configuration
    let first = configuration.settings(layer: "softmax", className: "Softmax")
    #expect(first.tableSize == 2048)
    #expect(first.softmax == .argmax)
    #expect(first.skip == true)
    #expect(first.types.keys.sorted() == ["exp_table", "table"])
    #expect(configuration.settings(layer: "softmax_2", className: "Softmax").tableSize == 2048)
    #expect(configuration.settings(layer: "Softmax_2", className: "Softmax").tableSize == 512)
    #expect(configuration.settings(layer: "softmax", className: "softmax").tableSize == nil)
  }

  /// Lowering adds the layers it makes; the flat names let them find what their origin says.
  @Test func addsLayers() throws {
    var configuration = try Configuration.parse(
      yaml: "LayerName:\n  sep:\n    Precision: {depthwise_accum: 'fixed<20,8>'}\n", file: "c.yml"
    ).configuration
    let found = configuration.precision(layer: "sep_depthwise", className: "DepthwiseConv2D", tensor: "accum")
    #expect(found?.description == "fixed<20,8,TRN,WRAP,0>")
    configuration.setLayer("sep_depthwise", LayerSettings(precision: ["accum": .auto], reuseFactor: 3))
    #expect(configuration.precision(layer: "SEP_depthwise", className: "X", tensor: "accum") == .auto)
    #expect(configuration.reuseFactor(layer: "sep_depthwise", className: "X") == 3)
  }

  @Test func namesUnknownLayers() throws {
    let configuration = try Configuration.parse(
      yaml: "LayerName:\n  FC1: {ReuseFactor: 1}\n  fc2_rleu: {ReuseFactor: 1}\n", file: "c.yml"
    ).configuration
    let problems = configuration.unknownLayers(names: ["fc1", "fc2_relu", "softmax"])
    #expect(
      problems.map(\.description) == [
        """
        c.yml:line 3, LayerName.fc2_rleu: error: the model has no layer 'fc2_rleu'
        hint: did you mean 'fc2_relu'?
        """
      ])
  }

  @Test func namesLayerClasses() {
    #expect(Configuration.layerClass("QDense") == "Dense")
    #expect(Configuration.layerClass("MaxPooling2D") == "Pooling2D")
    #expect(Configuration.layerClass("Dense") == "Dense")
    #expect(Configuration.layerClass("Mystery") == "Mystery")
  }
}
