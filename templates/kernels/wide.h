// Constants of more than 64 bits.
struct wide {
  uint64_t high, low;
};

template <class T>
TF_INLINE T word(const wide &raw) {
  const ap_uint<128> high = raw.high;
  const ap_uint<128> low = raw.low;
  const ap_uint<128> both = (high << 64) | low;
  const ap_uint<T::width> bits = both;
  T value;
  value.range(T::width - 1, 0) = bits;
  return value;
}

