/// Which Triggerfish this is. The file VERSION at the package's root is the only place of the number.
public enum Version {
  /// The release, as in "1.2.3".
  public static let number = buildVersion
  /// The commit it was built from, with "+" where files differed from it; "unknown" outside of a working copy.
  public static let commit = buildCommit
  /// Both, as results name it.
  public static let full = "\(number) (commit \(commit))"
}
