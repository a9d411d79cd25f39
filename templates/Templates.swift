/// The texts the HLS backend writes: the files beside this one, embedded in the binary.
public enum Templates {
  /// Parts of tf_kernels.h: the head, one part per operation, the end. Those that have a form with another pipeline are
  /// mustache templates.
  public static func kernel(_ name: String) -> String? { kernels[name].map(text) }
  /// The project's files as mustache templates, by file name.
  public static func project(_ name: String) -> String? { files[name].map(text) }

  /// Every template of `project`, by name.
  public static var projectNames: [String] { files.keys.sorted() }

  /// A page of `pages`, a mustache template.
  public static func page(_ name: String) -> String? { pages[name].map(text) }

  /// A file of the Verilog backend, by name.
  public static func verilog(_ name: String) -> String? { verilogFiles[name].map(text) }

  /// Every file of `verilog`, by name.
  public static var verilogNames: [String] { verilogFiles.keys.sorted() }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static let kernels: [String: [UInt8]] = [
    "prelude": PackageResources.prelude_h, "end": PackageResources.end_h,
    "convert": PackageResources.convert_h, "wide": PackageResources.wide_h,
    "bits": PackageResources.bits_h, "choose": PackageResources.choose_h,
    "lookup": PackageResources.lookup_h,
    "divide": PackageResources.divide_h,
    "divide_wide": PackageResources.divide_wide_h, "affine": PackageResources.affine_h,
    "affine_grouped": PackageResources.affine_grouped_h, "affine_reuse": PackageResources.affine_reuse_h,
    "affine_step": PackageResources.affine_step_h,
    "affine_column_step": PackageResources.affine_column_step_h,
    "affine_columns": PackageResources.affine_columns_h, "contract": PackageResources.contract_h,
    "sum": PackageResources.sum_h, "tree_sum": PackageResources.tree_sum_h,
    "maximum": PackageResources.maximum_h, "minimum": PackageResources.minimum_h,
    "argmax": PackageResources.argmax_h, "accumulate": PackageResources.accumulate_h,
    "streams": PackageResources.streams_h, "read_all": PackageResources.read_all_h,
    "write_all": PackageResources.write_all_h, "copy": PackageResources.copy_h,
    "duplicate": PackageResources.duplicate_h,
  ]

  private static let pages: [String: [UInt8]] = [
    "front.svg": PackageResources.front_svg, "junit.xml": PackageResources.junit_xml,
    "report.html": PackageResources.report_html,
  ]

  private static let verilogFiles: [String: [UInt8]] = [
    "tf_sum3.v": PackageResources.tf_sum3_v, "tf_digit.v": PackageResources.tf_digit_v,
    "bench.v": PackageResources.bench_v,
    "clock.v": PackageResources.clock_v, "main.cpp": PackageResources.main_cpp,
    "constraints.xdc": PackageResources.constraints_xdc, "constraints.sdc": PackageResources.constraints_sdc,
    "vivado.tcl": PackageResources.vivado_tcl, "quartus.tcl": PackageResources.quartus_tcl,
    "yosys.ys": PackageResources.yosys_ys, "verilog.mk": PackageResources.verilog_mk,
    "verilog.md": PackageResources.verilog_md,
  ]

  private static let files: [String: [UInt8]] = [
    "tf_host.h": PackageResources.tf_host_h, "tf_trace.h": PackageResources.tf_trace_h,
    "types.h": PackageResources.types_h, "top.h": PackageResources.top_h,
    "top.cpp": PackageResources.top_cpp, "layers.h": PackageResources.layers_h,
    "weights.h": PackageResources.weights_h, "test.cpp": PackageResources.test_cpp,
    "build_prj.tcl": PackageResources.build_prj_tcl, "build_opt.tcl": PackageResources.build_opt_tcl,
    "Makefile": PackageResources.Makefile,
    "README.md": PackageResources.README_md,
  ]
}
