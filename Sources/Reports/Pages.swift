import Mustache
import Templates

/// The pages of `templates/pages`, rendered: everything put into them is escaped for HTML.
enum Pages {
  /// Renders a template with a context.
  ///
  /// - Throws: `PageError` where the template is missing or damaged, which is a bug of ours.
  static func render(_ name: String, _ context: [String: Any]) throws(PageError) -> String {
    guard let text = Templates.page(name) else { throw PageError(name: name, reason: "is missing") }
    do {
      return try MustacheTemplate(string: text).render(context)
    } catch {
      throw PageError(name: name, reason: "\(error)")
    }
  }
}

/// A template of ours that does not render.
public struct PageError: Error, CustomStringConvertible {
  let name, reason: String

  /// For people.
  public var description: String { "template \(name): \(reason)" }
}
