// The format a word is rounded to on its way into a T: T itself but where specialised below. Where rounding carries
// past an unsigned T's largest word, Bambu's headers lose the carry; one more integer bit keeps it for the clamping.
template <class T>
struct rounded {
  typedef T type;
};

// The word of T that x becomes.
template <class T, class X>
TF_INLINE T convert(const X &x) {
  const typename rounded<T>::type near = x;
  return near;
}

