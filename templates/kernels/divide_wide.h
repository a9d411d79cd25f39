// a / d toward zero, of words too wide for a multiplication by the reciprocal.
template <class T, class A, class D>
TF_INLINE T divide_wide(const A &a, const D &d) {
  const ap_int<A::width + 1> dividend = a;
  const ap_int<D::width + 1> divisor = d;
  const ap_int<A::width + 1> quotient = dividend / divisor;
  const ap_uint<T::width> bits = quotient;
  T value;
  value.range(T::width - 1, 0) = bits;
  return value;
}

