import Backends

extension Identifiers {
  /// Those of an emitted C++ project. A value's type is called after it, with `_t`: a value called `int8` would redefine int8_t.
  static var cpp: Identifiers { Identifiers(reserved: reservedInCpp, derived: ["_t"]) }

  private static let reservedInCpp: Set<String> = {
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
