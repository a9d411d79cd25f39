// The sum of LENGTH words from FIRST on, as a tree: the largest power of two below LENGTH, then the rest.
template <int LENGTH>
struct power_below {
  static const int half = (LENGTH + 1) / 2;
  static const int value = power_below<half>::value * 2;
};
template <>
struct power_below<2> {
  static const int value = 1;
};
template <int FIRST, int LENGTH, class X, class Y>
struct tree {
  static const int left = power_below<LENGTH>::value;
  static inline __attribute__((always_inline)) Y sum(const X x[], int from) {
    const Y a = tree<FIRST, left, X, Y>::sum(x, from);
    const Y b = tree<FIRST + left, LENGTH - left, X, Y>::sum(x, from);
    return convert<Y>(a + b);
  }
};
template <int FIRST, class X, class Y>
struct tree<FIRST, 1, X, Y> {
  static inline __attribute__((always_inline)) Y sum(const X x[], int from) { return convert<Y>(x[from + FIRST]); }
};

// The sum of each row as a balanced tree; terms and partial sums have Y's format.
template <int ROWS, int LENGTH, class X, class Y>
TF_INLINE void tree_sum(const X x[], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    y[row] = tree<0, LENGTH, X, Y>::sum(x, row * LENGTH);
  }
}

