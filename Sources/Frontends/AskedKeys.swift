/// The keys of an object that were asked for while it was read: of the others the user is told that they have no effect.
final class AskedKeys {
  var keys: Set<String> = []
}
