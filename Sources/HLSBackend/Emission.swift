import FixedPoint
import Program
import Scheduling

/// A function of templates/kernels; emitted only where used.
enum Kernel: String, CaseIterable, Comparable {
  // In the order they are written: later ones use earlier ones.
  case convert, wide, bits, choose, lookup
  case divide
  case divideWide = "divide_wide"
  case affine
  case affineGrouped = "affine_grouped"
  case affineStep = "affine_step"
  case affineReuse = "affine_reuse"
  case affineRewind = "affine_rewind"
  case affineColumnStep = "affine_column_step"
  case affineColumns = "affine_columns"
  case affineColumnsRewind = "affine_columns_rewind"
  case accumulate
  case contract, copy, duplicate, sum
  case treeSum = "tree_sum"
  case maximum, minimum, argmax, streams
  case readAll = "read_all"
  case writeAll = "write_all"

  /// Whether it converts words, by the kernel that does.
  var converts: Bool {
    switch self {
    case .affine, .affineGrouped, .affineStep, .affineColumnStep, .accumulate, .contract, .sum, .treeSum: true
    default: false
    }
  }

  /// The form of a loop whose next run begins while this one ends, and the kernel whose text has it too.
  var rewound: Kernel? {
    switch self {
    case .affineRewind: .affineReuse
    case .affineColumnsRewind: .affineColumns
    default: nil
    }
  }

  static func < (a: Kernel, b: Kernel) -> Bool {
    guard let first = allCases.firstIndex(of: a), let second = allCases.firstIndex(of: b) else {
      return false
    }
    return first < second
  }
}

/// Constant words as they are stored in the C++.
struct ConstantTable {
  /// The array's name.
  var name: String
  /// What it holds, for people.
  var title: String
  /// The format of its words.
  var format: FixedFormat
  /// The array's dimensions.
  var shape: [Int]
  /// The words, row major.
  var words: [Raw]
  /// The layer it belongs to.
  var layer: Int?
}

/// What the functions of a project turn out to need, collected while they are written.
struct Emission {
  let design: Design
  var layout: Layout
  /// How the steps of scans are laid out, by instruction.
  private(set) var steps: [Int: Layout] = [:]
  /// The kernels used so far.
  var kernels: Set<Kernel> = []
  /// The tables used so far.
  private(set) var tables: [ConstantTable] = []
  private var tableNames: [TableKey: String] = [:]
  /// The functions that those of layers call, in the order they are used: conversions of each word to a format of its own,
  /// shared adders.
  var innerFunctions = ""

  private struct TableKey: Hashable {
    var value: Int
    var arrangement: String
  }

  /// Prepares the emission of a design.
  init(_ design: Design, projectName: String) {
    self.design = design
    layout = Layout(design.program, projectName: projectName, regions: design.regions)
    for (index, loop) in design.stepLoops.sorted(by: { $0.key < $1.key }) {
      let name = layout.names[index]
      steps[index] = Layout(step: loop.step.program, of: name, regions: loop.step.regions, &layout)
    }
  }

  /// Prepares the emission of a step of a scan.
  private init(step design: Design, _ layout: Layout) {
    self.design = design
    self.layout = layout
  }

  /// Writes what is of the step of a scan, by an emission of its own.
  mutating func inStep<Result>(of index: Int, _ write: (inout Emission) -> Result) -> Result? {
    guard let layout = steps[index], let loop = design.stepLoops[index] else { return nil }
    var inner = Emission(step: loop.step, layout)
    inner.layout.swapNames(with: &self.layout)
    let result = write(&inner)
    inner.layout.swapNames(with: &self.layout)
    kernels.formUnion(inner.kernels)
    tables += inner.tables
    innerFunctions += inner.innerFunctions
    return result
  }

  /// The whole program.
  var program: Program { design.program }

  /// The table of a constant's words in the order and shape that `arrange` puts them.
  mutating func table(
    of id: ValueID, arrangement: String = "", shape: [Int]? = nil, layer: Int? = nil,
    format: FixedFormat? = nil, _ arrange: ([Raw]) -> [Raw] = { $0 }
  ) -> String {
    let holder = layout.holder(id)
    let key = TableKey(value: holder.index, arrangement: arrangement)
    if let name = tableNames[key] { return name }
    let instruction = design.program[holder]
    let words = arrange(design.program.constant(holder) ?? [])
    let format = format ?? instruction.type.format
    if format.width > 64 { kernels.insert(.wide) }
    let suffix = arrangement.isEmpty ? "words" : arrangement
    let name = layout.identifier("\(layout.name(holder))_\(suffix)")
    tableNames[key] = name
    tables.append(
      ConstantTable(
        name: name, title: instruction.name, format: format, shape: shape ?? [words.count], words: words,
        layer: instruction.layer ?? layer))
    return name
  }
}
