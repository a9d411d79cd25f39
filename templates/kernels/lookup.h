// The table entry at an index, which is clamped to the table.
template <class T, int ENTRIES, class S, class INDEX>
TF_INLINE T lookup(const S table[ENTRIES], const INDEX &index) {
  int entry = 0;
  if (index > ENTRIES - 1)
    entry = ENTRIES - 1;
  else if (index > 0)
    entry = index.to_int();
  return word<T>(table[entry]);
}

