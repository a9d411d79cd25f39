import Foundation
import PackagePlugin

/// Writes the number in the file VERSION and the commit of the working copy into the module Version, so that neither
/// stands anywhere twice. The file is only touched when one of them changed: then that module and those that print
/// it are compiled again, nothing else.
@main struct VersionPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL
    return [
      .prebuildCommand(
        displayName: "Version and commit", executable: root.appending(path: "scripts/write-version.sh"),
        arguments: [root.path(percentEncoded: false), output.path(percentEncoded: false)],
        outputFilesDirectory: output)
    ]
  }
}
