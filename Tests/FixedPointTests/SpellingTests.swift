import FixedPoint
import Foundation
import Testing

@Suite struct SpellingTests {
  /// A spelling, hls4ml's name of the type, and the C++ that hls4ml writes for it: printed by hls4ml 1.3.0
  /// (`convert_precision_string`, `APTypeConverter`).
  static let spellings = [
    ("ap_fixed<16,6>", "fixed<16,6,TRN,WRAP,0>", "ap_fixed<16,6>"),
    ("ap_fixed<16, 6>", "fixed<16,6,TRN,WRAP,0>", "ap_fixed<16,6>"),
    ("fixed<16,6,RND_CONV,SAT,0>", "fixed<16,6,RND_CONV,SAT,0>", "ap_fixed<16,6,AP_RND_CONV,AP_SAT,0>"),
    ("ap_ufixed<8,0,AP_RND,AP_SAT>", "ufixed<8,0,RND,SAT,0>", "ap_ufixed<8,0,AP_RND,AP_SAT,0>"),
    ("int<8>", "int<8>", "ap_int<8>"),
    ("uint<1>", "uint<1>", "ap_uint<1>"),
    ("ap_int<2>", "int<2>", "ap_int<2>"),
    ("ap_uint<8>", "uint<8>", "ap_uint<8>"),
    ("fixed<18,8,TRN,WRAP,0>", "fixed<18,8,TRN,WRAP,0>", "ap_fixed<18,8>"),
    ("ufixed<8,-3>", "ufixed<8,-3,TRN,WRAP,0>", "ap_ufixed<8,-3>"),
    (
      "ap_fixed<4,10,AP_RND_INF,AP_SAT_SYM>", "fixed<4,10,RND_INF,SAT_SYM,0>",
      "ap_fixed<4,10,AP_RND_INF,AP_SAT_SYM,0>"
    ),
    (
      "ap_fixed<12,4,AP_TRN_ZERO,AP_SAT_ZERO>", "fixed<12,4,TRN_ZERO,SAT_ZERO,0>",
      "ap_fixed<12,4,AP_TRN_ZERO,AP_SAT_ZERO,0>"
    ),
    ("fixed<8,3,rnd_min_inf,sat>", "fixed<8,3,RND_MIN_INF,SAT,0>", "ap_fixed<8,3,AP_RND_MIN_INF,AP_SAT,0>"),
    (
      "ap_fixed<12,4,AP_RND_ZERO,AP_WRAP,2>", "fixed<12,4,RND_ZERO,WRAP,2>",
      "ap_fixed<12,4,AP_RND_ZERO,AP_WRAP,2>"
    ),
    ("ac_fixed<16,6>", "fixed<16,6,TRN,WRAP,0>", "ap_fixed<16,6>"),
    ("ac_fixed<16,6,false,AC_RND,AC_SAT>", "ufixed<16,6,RND,SAT,0>", "ap_ufixed<16,6,AP_RND,AP_SAT,0>"),
    (
      "ac_fixed<9, -2, true, AC_RND_CONV>", "fixed<9,-2,RND_CONV,WRAP,0>",
      "ap_fixed<9,-2,AP_RND_CONV,AP_WRAP,0>"
    ),
    ("ac_int<8,false>", "uint<8>", "ap_uint<8>"),
    ("ac_int<8, true>", "int<8>", "ap_int<8>"),
    ("fixed<7,7,TRN,WRAP,0>", "fixed<7,7,TRN,WRAP,0>", "ap_fixed<7,7>"),
    ("ufixed<2,2>", "ufixed<2,2,TRN,WRAP,0>", "ap_ufixed<2,2>"),
  ]

  @Test(arguments: spellings)
  func readsAndPrintsAsHls4ml(_ text: String, _ name: String, _ cpp: String) throws {
    let format = try FixedFormat(parsing: text)
    #expect(format.description == name)
    // hls4ml prints N = 0 beside the modes; the vendor's default is the same.
    #expect(format.cppSpelling == cpp.replacing(",0>", with: ">"))
    #expect(try FixedFormat(parsing: name) == format)
    #expect(try FixedFormat(parsing: cpp) == format)
    #expect(try FixedFormat(parsing: format.cppSpelling) == format)
  }

  /// Every combination of modes comes back from both of its spellings.
  @Test func comesBack() throws {
    for rounding in Rounding.allCases {
      for overflow in Overflow.allCases {
        for (width, integer, isSigned, saturated) in [
          (8, 8, true, 0), (9, -4, false, 0), (128, 200, true, 3),
        ] where isSigned || overflow != .wrapSM {
          let format = FixedFormat(
            width, integer, signed: isSigned, rounding, overflow, saturatedBits: saturated)
          #expect(try FixedFormat(parsing: format.description) == format)
          #expect(try FixedFormat(parsing: format.cppSpelling) == format)
        }
      }
    }
  }

  /// What the vendor's ap_int and ap_uint hold after assignment from ap_fixed (compiled with g++ against ap_types).
  @Test(arguments: [
    ("ap_int<8>", "ap_fixed<16,6>", -0.5, 0), ("ap_int<8>", "ap_fixed<16,6>", -2.25, -2),
    ("ap_int<8>", "ap_fixed<16,6>", 2.75, 2), ("ap_uint<8>", "ap_fixed<16,6>", -0.5, 0),
    ("ap_uint<8>", "ap_fixed<16,6>", -2.25, 254), ("ap_int<2>", "ap_fixed<16,6>", 3.75, -1),
    ("ap_int<8>", "ap_fixed<16,10>", -129.5, 127), ("ap_int<8>", "ap_fixed<20,4>", -1.9990234375, -1),
  ])
  func integersDropFractionsTowardZero(_ type: String, _ source: String, _ value: Double, _ word: Int) throws
  {
    let from = try FixedFormat(parsing: source)
    let raw = Raw(value * Double(1 << from.fractionBits))
    #expect(try FixedFormat(parsing: type).quantize(raw, from: from) == Raw(word))
  }

  @Test(arguments: [
    ("", "'' is not a type (write it like ap_fixed<16,6> or ap_uint<8>)"),
    ("auto", "'auto' is not a type (write it like ap_fixed<16,6> or ap_uint<8>)"),
    ("ap_fixed", "'ap_fixed' has no <…> around its width (write it like ap_fixed<16,6>)"),
    ("ap_fixed<16,6", "'ap_fixed<16,6' has no <…> around its width (write it like ap_fixed<16,6>)"),
    ("ap_fixed<>", "'ap_fixed<>': the width is '' (it must be a whole number)"),
    ("ap_fixed<0,0>", "'ap_fixed<0,0>': the width is 0; it must be from 1 to 128"),
    ("ap_fixed<200,6>", "'ap_fixed<200,6>': the width is 200; it must be from 1 to 128"),
    (
      "ap_fixed<16,99999>",
      "'ap_fixed<16,99999>': the number of integer bits is 99999; it must be from -1024 to 1024"
    ),
    (
      "ap_fixed<99999999999999999999,6>",
      "'ap_fixed<99999999999999999999,6>': the width is '99999999999999999999' (it must be a whole number)"
    ),
    (
      "ap_fixed<16,6,AP_UP>",
      "'ap_fixed<16,6,AP_UP>': 'AP_UP' is not a rounding mode (one of AP_TRN, AP_TRN_ZERO, AP_RND, AP_RND_ZERO, AP_RND_INF, AP_RND_MIN_INF, AP_RND_CONV)"
    ),
    (
      "ap_fixed<16,6,AP_SAT>",
      "'ap_fixed<16,6,AP_SAT>': 'AP_SAT' is not a rounding mode (one of AP_TRN, AP_TRN_ZERO, AP_RND, AP_RND_ZERO, AP_RND_INF, AP_RND_MIN_INF, AP_RND_CONV)"
    ),
    ("ap_uint<128>", "'ap_uint<128>': the width is 128; it must be from 1 to 127"),
    (
      "ap_ufixed<8,4,AP_RND,AP_WRAP_SM>", "'ap_ufixed<8,4,AP_RND,AP_WRAP_SM>': AP_WRAP_SM needs a signed type"
    ),
    ("ap_int<8,4>", "'ap_int<8,4>': an integer type takes its width and nothing else"),
    ("ac_int<8,maybe>", "'ac_int<8,maybe>': 'maybe' is not true or false"),
    ("float", "'float' is a floating-point type (only fixed-point and integer types are computed exactly)"),
    (
      "std_float<32,8>",
      "'std_float<32,8>' is a floating-point type (only fixed-point and integer types are computed exactly)"
    ),
  ])
  func refuses(_ text: String, _ message: String) {
    let error = #expect(throws: SpellingError.self) { try FixedFormat(parsing: text) }
    #expect(error?.description == message)
  }

  /// Every type that hls4ml resolved in the golden cases.
  @Test(.enabled(if: goldenFolder != nil, "no ../shared/golden"))
  func readsEveryGoldenType() throws {
    let folder = try #require(Self.goldenFolder)
    let pattern = /"(str|cpp)": "(ap_)?(u?fixed|u?int)<[^"]*"/
    var names: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      guard let text = try? String(contentsOfFile: "\(folder)/\(name)/resolved_types.json", encoding: .utf8)
      else {
        continue
      }
      for match in text.matches(of: pattern) {
        names.insert(String(match.output.0.dropLast().split(separator: "\"")[2]))
      }
    }
    #expect(names.count > 150)
    for name in names {
      let format = try FixedFormat(parsing: name)
      #expect(
        name.hasPrefix("ap_")
          ? format.cppSpelling == name.replacing(",0>", with: ">") || format.cppSpelling == name
          : format.description == name)
    }
  }

  static let goldenFolder: String? = {
    let shared =
      ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"]
      ?? URL(filePath: #filePath).appending(path: "../../../../shared").standardized.path(
        percentEncoded: false)
    return FileManager.default.fileExists(atPath: "\(shared)/golden") ? "\(shared)/golden" : nil
  }()
}
