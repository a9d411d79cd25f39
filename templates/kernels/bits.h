// The raw integer of a word.
template <class T>
TF_INLINE ap_int<T::width> signed_bits(const T &value) {
  const ap_int<T::width> bits = value.range(T::width - 1, 0);
  return bits;
}
template <class T>
TF_INLINE ap_uint<T::width> unsigned_bits(const T &value) {
  const ap_uint<T::width> bits = value.range(T::width - 1, 0);
  return bits;
}

