import Foundation
import Testing

/// docs/architecture.md's table of modules, Package.swift and the sources say the same of who imports whom.
@Suite struct ArchitectureTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// By target of Package.swift, those of our targets it depends on, and its folder.
  private static func targets() throws -> [String: (dependencies: Set<String>, folder: String)] {
    var targets: [String: (dependencies: Set<String>, folder: String)] = [:]
    // A declaration begins with a line of four spaces and a dot.
    for declaration in try text("Package.swift").components(separatedBy: "\n    .").dropFirst() {
      guard let head = declaration.firstMatch(of: /^(?:executableTarget|target)\(\s*name: "([^"]+)"/) else {
        continue
      }
      let name = String(head.1)
      let folder = declaration.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) } ?? "Sources/\(name)"
      // Products of other packages stand in parentheses.
      let own = declaration.replacing(/\.product\([^)]*\)/, with: "")
      let list = own.firstMatch(of: /dependencies: \[([^\]]*)\]/).map { String($0.1) } ?? ""
      targets[name] = (Set(list.matches(of: /"([^"]+)"/).map { String($0.1) }), folder)
    }
    return targets
  }

  /// The table's rows: module and imports.
  private static func table() throws -> [String: Set<String>] {
    var rows: [String: Set<String>] = [:]
    let lines = try text("docs/architecture.md").split(separator: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("| module |") })
    for line in lines[(start + 2)...].prefix(while: { $0.hasPrefix("|") }) {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { $0.trimmingCharacters(in: .whitespaces) }
      rows[cells[0]] = Set(cells[3].split(separator: ", ").map(String.init))
    }
    return rows
  }

  @Test func theTableIsThePackages() throws {
    let targets = try Self.targets()
    for (module, imports) in try Self.table() {
      let target = try #require(targets[module], "docs/architecture.md has \(module), Package.swift has not")
      #expect(
        target.dependencies == imports,
        "\(module): docs/architecture.md and Package.swift differ in \(imports.symmetricDifference(target.dependencies).sorted())"
      )
    }
    // C targets, templates and tools are no modules of the design.
    let listed = Set(try Self.table().keys)
    let inC: Set = ["CHDF5Support", "CFileSystem", "CKernels"]
    let modules = targets.filter { $0.value.folder.hasPrefix("Sources/") && !inC.contains($0.key) }.keys
    #expect(Set(modules).subtracting(listed) == [])
  }

  @Test func sourcesImportWhatIsDeclared() throws {
    let targets = try Self.targets()
    let ours = Set(targets.keys).union(["CJSONC", "CHDF5", "CZip"])
    for (name, target) in targets where target.folder.hasPrefix("Sources/") {
      let folder = Self.root.appendingPathComponent(target.folder)
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      var imports: Set<String> = []
      for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
        let source = try String(contentsOf: file, encoding: .utf8)
        for match in source.matches(of: /(?m)^(?:public |@\w+ )?import (\w+)/) {
          imports.insert(String(match.1))
        }
      }
      // C targets have none of Swift's lines.
      if imports.isEmpty { continue }
      #expect(
        imports.intersection(ours) == target.dependencies,
        "\(name): imports and dependencies differ in \(imports.intersection(ours).symmetricDifference(target.dependencies).sorted())"
      )
    }
  }
}
