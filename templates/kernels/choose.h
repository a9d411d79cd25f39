// The larger and the smaller of two words, as a T.
template <class T, class A, class B>
TF_INLINE T larger(const A &a, const B &b) {
  const T x = a;
  const T y = b;
  return x > y ? x : y;
}
template <class T, class A, class B>
TF_INLINE T smaller(const A &a, const B &b) {
  const T x = a;
  const T y = b;
  return x < y ? x : y;
}

