/// Makes C++ identifiers out of names from model files, which are untrusted.
///
/// Every identifier is unique, a plain ASCII word of at most `maximumLength` characters without doubled or
/// outer underscores, and none is a keyword, a macro or a name the emitted files use themselves.
struct Identifiers {
  static let maximumLength = 48

  private var taken = Self.reserved

  /// The identifier nearest to `name` that is still free.
  mutating func unique(_ name: String) -> String {
    let base = Self.sanitized(name)
    var candidate = base
    var suffix = 2
    // The derived type's name must be free too: a value called `int8` would redefine int8_t.
    while taken.contains(candidate) || taken.contains(candidate + "_t") {
      candidate = "\(base)_\(suffix)"
      suffix += 1
    }
    taken.insert(candidate)
    return candidate
  }

  /// `name` as an identifier, not yet unique.
  static func sanitized(_ name: String) -> String {
    var words: [String] = []
    var word = ""
    for scalar in name.unicodeScalars {
      if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        word.unicodeScalars.append(scalar)
      } else if !word.isEmpty {
        words.append(word)
        word = ""
      }
    }
    if !word.isEmpty { words.append(word) }
    var result = String(words.joined(separator: "_").prefix(maximumLength))
    while result.hasSuffix("_") { result.removeLast() }
    if result.isEmpty { return "value" }
    if let first = result.first, first.isNumber { result = "n\(result)" }
    // Words without a lower-case letter are what macros are called.
    if result.count > 1, !result.contains(where: \.isLowercase) { result = result.lowercased() }
    return result
  }

  /// `text` on one line of plain ASCII, fit for a comment, a Tcl or make comment, or Markdown.
  static func comment(_ text: String) -> String {
    let safe = text.unicodeScalars.prefix(120).map { scalar -> Character in
      let isPlain = scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7f
      return isPlain && !"*/\\`$<>\"'?{}[]".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
    }
    return String(safe)
  }

  private static let reserved: Set<String> = {
    let keywords = """
      alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t
      class compl concept const const_cast consteval constexpr constinit continue co_await co_return co_yield
      decltype default delete do double dynamic_cast else enum explicit export extern false float for friend
      goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
      protected public register reinterpret_cast requires restrict return short signed sizeof static
      static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename
      typeof union unsigned using virtual void volatile wchar_t while xor xor_eq
      """
    let macrosAndOurs = """
      linux unix i386 errno stdin stdout stderr assert main tf std hls ap_int ap_uint ap_fixed ap_ufixed wide
      stored ustored word i j k l m n i4 i5 i6 i7 g c p0 p1 p2 p3 t0 t1 t2 t3 x0 x1 x2 x3
      t r position token term view lines past event events trip lane at
      """
    let types = """
      int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intmax_t uintmax_t intptr_t uintptr_t
      int_fast8_t int_fast16_t int_fast32_t int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t
      uint_fast64_t int_least8_t int_least16_t int_least32_t int_least64_t uint_least8_t uint_least16_t
      uint_least32_t uint_least64_t size_t ssize_t ptrdiff_t max_align_t nullptr_t time_t clock_t clockid_t
      timer_t off_t off64_t pid_t id_t uid_t gid_t mode_t dev_t ino_t nlink_t loff_t key_t fpos_t fpos64_t
      va_list_t div_t ldiv_t lldiv_t quad_t u_quad_t fsid_t daddr_t caddr_t register_t u_int8_t u_int16_t
      u_int32_t u_int64_t blksize_t blkcnt_t fsblkcnt_t fsfilcnt_t sigset_t fd_set_t suseconds_t useconds_t
      locale_t mbstate_t wint_t wctype_t wctrans_t float_t double_t pthread_t error_t jmp_buf_t
      cookie_io_functions_t
      """
    return Set(
      (keywords + " " + macrosAndOurs + " " + types).split(whereSeparator: \.isWhitespace).map(String.init))
  }()
}
