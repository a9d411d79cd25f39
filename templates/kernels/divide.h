// a / d toward zero, as |a| * factor >> SHIFT: factor = ceil(2^SHIFT / d) makes this exact.
template <class T, int SHIFT, int FACTOR_WIDTH, class BITS, class F>
TF_INLINE T divide(const BITS &a, const F &raw_factor) {
  const ap_uint<FACTOR_WIDTH> factor = raw_factor;
  const ap_int<BITS::width + 2> extended = a;
  const bool negative = extended < 0;
  ap_uint<BITS::width + 1> magnitude = extended;
  if (negative) magnitude = -extended;
  const ap_uint<BITS::width + 1 + FACTOR_WIDTH> product = magnitude * factor;
  const ap_uint<BITS::width + 1> quotient = product >> SHIFT;
  ap_uint<T::width> bits = quotient;
  if (negative) bits = -quotient;
  T value;
  value.range(T::width - 1, 0) = bits;
  return value;
}

