import Diagnostics
import FixedPoint
import Program
import Testing

/// One program that uses every operation and every attribute of the text form.
let everything = """
  format 1
  program "net \\u{e9}\\"\\\\"
  layer "fc1" "Dense" -> %6
  layer "none" "Input"
  %0 "x" = input : [2, 3] fixed<8,4,TRN,WRAP,0>
  %1 "w" @0 = constant [1, -2, 3, 0, 5, -6] : [3, 2] fixed<6,-1,TRN,WRAP,0>
  %2 "b" @0 = constant [1, 0] : [2] ufixed<1,1,TRN,WRAP,0>
  %3 "acc" @0 = affine accumulator=fixed<12,6,RND_CONV,SAT_SYM,0> product=fixed<10,5,RND,SAT,0> stride=2 %0 %1 %2 \
  : [2, 2] fixed<12,6,RND_CONV,SAT_SYM,0>
  %4 "dot" @0 = contract accumulator=fixed<30,20,TRN,WRAP,0> %3 %3 : [2, 2] fixed<30,20,TRN,WRAP,0>
  %5 "sum" @0 = add %4 %3 : [2, 2] fixed<31,21,TRN,WRAP,0>
  %6 "cast" @0 = requantize fixed<8,8,TRN_ZERO,SAT,0> %5 : [2, 2] fixed<8,8,TRN_ZERO,SAT,0>
  %7 "table" = constant [7, 8, 9, 10] : [4] ufixed<5,3,TRN,WRAP,0>
  %8 "looked" = lookup %6 %7 : [2, 2] ufixed<5,3,TRN,WRAP,0>
  %9 "total" = reduce sum accumulator=ufixed<7,5,RND_ZERO,SAT_ZERO,0> order=tree %8 : [2, 1] ufixed<7,5,RND_ZERO,SAT_ZERO,0>
  %10 "best" = reduce argmax %8 : [2, 1] uint<1>
  %11 "top" = reduce maximum %8 : [2, 1] ufixed<5,3,TRN,WRAP,0>
  %12 "chosen" = select greaterOrEqual %9 %11 %10 %8 : [2, 2] ufixed<5,3,TRN,WRAP,0>
  %13 "seen" = window kernel=[1] strides=[1] dilation=[1] before=[1] after=[0] groups=2 padding=3 %12 \
  : [3, 2, 1] ufixed<5,3,TRN,WRAP,0>
  %14 "flat" = reshape [6] %13 : [6] ufixed<5,3,TRN,WRAP,0>
  %15 "back" = transpose [1, 0] %12 : [2, 2] ufixed<5,3,TRN,WRAP,0>
  %16 "joined" = concatenate axis=1 %12 %15 : [2, 4] ufixed<5,3,TRN,WRAP,0>
  %17 "padded" = pad before=[0, 1] after=[0, 0] interior=[0, 1] word=4 %16 : [2, 8] ufixed<5,3,TRN,WRAP,0>
  %18 "part" = slice start=[0, 1] count=[1, 3] step=[1, 2] %17 : [1, 3] ufixed<5,3,TRN,WRAP,0>
  %19 "copies" = gather axis=1 indices=[2, 2, 0] %18 : [1, 3] ufixed<5,3,TRN,WRAP,0>
  %20 "one" = constant [3] : [1] ufixed<2,2,TRN,WRAP,0>
  %21 "third" = divide %19 %20 : [1, 3] ufixed<5,3,TRN,WRAP,0>
  %22 "each" = requantize shape=[3, 2, 1] formats=[fixed<4,2,RND,SAT,0>, zero, ufixed<6,1,TRN,WRAP,0>] \
  places=[0, 1*2, 2*2, 0] %13 : [3, 2, 1] fixed<7,2,TRN,WRAP,0>
  inputs %0
  outputs %21 %14

  """

@Suite struct TextFormTests {
  @Test func readsAndPrintsEveryOperation() throws {
    let program = try Program(parsing: everything)
    let lines = { (text: String) in text.split(separator: "\n").map(String.init) }
    #expect(lines(program.description) == lines(everything))
    #expect(program.name == "net é\"\\")
    #expect(try Program(parsing: program.description) == program)
  }

  @Test(arguments: [
    ("format 1\nprgram \"x\"", "f.tf:line 2: error: 'program' expected"),
    ("format 1\nprogram \"x\"\n%1 \"a\" = input : [1] int<8>", "f.tf:line 3: error: a number out of order"),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = frob : [1] int<8>",
      "f.tf:line 3: error: no operation is called 'frob'"
    ),
    ("format 1\nprogram \"x\"\n%0 \"a\" = input : [1 int<8>", "f.tf:line 3: error: ']' expected"),
    ("format 1\nprogram \"x\"\n%0 \"a\" = input : [1] blob<8>", "f.tf:line 3: error: a format expected"),
    ("format 1\nprogram \"x", "f.tf:line 2: error: a string without an end"),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = input : [99999999999999] int<8>",
      "f.tf:line 3: error: a number out of range"
    ),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = constant [170141183460469231731687303715884105728] : [1] int<8>",
      "f.tf:line 3: error: a number out of range"
    ),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = requantize shape=[2] formats=[int<8>] places=[0*3]",
      "f.tf:line 3: error: places that do not fill the shape, or of no format"
    ),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = requantize shape=[2] formats=[int<8>] places=[0, 1]",
      "f.tf:line 3: error: places that do not fill the shape, or of no format"
    ),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = requantize shape=[2] formats=[int<8>] places=[0]",
      "f.tf:line 3: error: places that do not fill the shape"
    ),
    (
      "format 1\nprogram \"x\"\n%0 \"a\" = requantize shape=[90000, 90000] formats=[int<8>] places=[0*900000000]",
      "f.tf:line 3: error: formats of a shape that is empty or too large"
    ),
  ])
  func refusesDamagedText(text: String, message: String) {
    #expect {
      try Program(parsing: text, file: "f.tf")
    } throws: { error in
      let failure = error as? Failure
      return failure?.kind == .badInput
        && failure?.description == message + "\nhint: the file is damaged; compile again"
    }
  }

  /// Text of another version is refused by name, not read as something else.
  @Test(arguments: [
    ("format 2\nprogram \"x\"", "f.tf: error: is a program of format 2"),
    (
      "program \"x\"\n%0 \"a\" = input : [1] int<8>\ninputs %0\noutputs %0",
      "f.tf: error: has no format version: an earlier Triggerfish wrote it, or it is no program"
    ),
    ("", "f.tf: error: has no format version: an earlier Triggerfish wrote it, or it is no program"),
  ])
  func refusesOtherVersions(text: String, message: String) {
    let hint = "hint: compile again with this Triggerfish, which reads programs of format 1"
    #expect {
      try Program(parsing: text, file: "f.tf")
    } throws: {
      ($0 as? Failure)?.kind == .badInput && ($0 as? Failure)?.description == message + "\n" + hint
    }
  }
}

@Suite struct VerifierTests {
  /// A one-line change to a good program, and what the verifier says of it.
  @Test(arguments: [
    ("[3, 2] fixed<6,-1", "[2, 3] fixed<6,-1", "acc: input [2, 3] does not match weights [2, 3]"),
    ("constant [1, 0]", "constant [1, 2]", "b: a word outside its format"),
    ("constant [1, 0]", "constant [1]", "b: 1 words do not fill [2]"),
    ("\"w\" @0", "\"x\" @0", "x: the name is used twice"),
    ("\"w\" @0", "\"w\" @7", "w: no layer 7"),
    (
      "lookup %6 %7", "lookup %6 %6",
      "looked: has type [2, 2] ufixed<5,3,TRN,WRAP,0>, infers [2, 2] fixed<8,8,TRN_ZERO,SAT,0>"
    ),
    ("lookup %6 %7", "lookup %12 %7", "looked: reads a value that is not made before it"),
    ("constant [3] :", "constant [0] :", "third: a divisor that is not positive"),
    ("kernel=[1]", "kernel=[9]", "seen: kernel [9] does not fit in [2, 2]"),
    ("stride=2", "stride=0", "acc: a stride that is not positive"),
    (
      "shape=[3, 2, 1]", "shape=[2, 3, 1]",
      "each: formats of shape [2, 3, 1] do not broadcast to [3, 2, 1]"
    ),
    ("padding=3", "padding=32", "seen: a padding word outside the format"),
    ("inputs %0", "inputs", "the inputs listed are not the input instructions"),
    ("outputs %21 %14", "outputs", "no outputs"),
    ("layer \"fc1\" \"Dense\" -> %6", "layer \"fc1\" \"Dense\" -> %99", "no value 99"),
  ])
  func reports(find: String, replace: String, message: String) {
    let broken = everything.replacing(find, with: replace)
    #expect(broken != everything)
    #expect {
      try Program(parsing: broken)
    } throws: { error in
      (error as? Failure)?.diagnostics.contains { diagnostic in
        [diagnostic.place, diagnostic.message].compactMap { $0 }.joined(separator: ": ") == message
      } ?? false
    }
  }

  @Test func refusesWordsAndIntermediatesBeyond128Bits() throws {
    var builder = ProgramBuilder(name: "wide")
    let x = builder.input("x", ValueType([1], FixedFormat(100, 50)))
    let square = try builder.add("square", .elementwise(.multiply), x, x)
    builder.output(square)
    let messages = builder.program.verify().map(\.description)
    #expect(messages.contains("square: needs 200 bits; at most 128 are supported"))
  }

  @Test func refusesShapesNoMemoryHolds() {
    var builder = ProgramBuilder(name: "huge")
    builder.output(builder.input("x", ValueType([1 << 40, 1 << 40], .integer(8))))
    #expect(builder.program.verify().first?.description.contains("more than 4294967296 words") == true)
  }
}
