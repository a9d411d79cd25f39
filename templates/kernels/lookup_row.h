// The entry at an index, which is clamped, of the table `row` of several.
template <class T, int ENTRIES, int WORDS, class S, class INDEX>
TF_INLINE T lookup_row(const S tables[WORDS], int row, const INDEX &index) {
  int entry = 0;
  if (index > ENTRIES - 1)
    entry = ENTRIES - 1;
  else if (index > 0)
    entry = index.to_int();
  return word<T>(tables[row * ENTRIES + entry]);
}
