import Diagnostics
import Mustache
import Templates

/// The pages of `templates/pages`, rendered: everything put into them is escaped for HTML.
enum Pages {
  /// Renders a template with a context.
  ///
  /// - Throws: `Failure(.bug)` where the template is missing or damaged.
  static func render(_ name: String, _ context: [String: Any]) throws(Failure) -> String {
    guard let text = Templates.page(name) else { throw Failure(.bug, "no template \(name)") }
    do {
      return try MustacheTemplate(string: text).render(context)
    } catch {
      throw Failure(.bug, "template \(name): \(error)")
    }
  }
}
