// Runs one static program of Linux on a processor without a system: what the program asks of one is a dozen calls.
//
// For tests under an emulator of a processor (Bochs) that has what this machine lacks: to boot Linux there takes minutes, this
// none. The program is the loader's one module; the words after its name are its arguments. What it writes goes to the
// first serial port, and what it leaves with to the last line.
#include <elf.h>
#include <stdint.h>

/// In start.S: where `syscall` leads to, and the jump to the program.
void entered(void);
_Noreturn void begin(uint64_t entry, uint64_t stack);

enum { SERIAL = 0x3F8, SHUTDOWN = 0x8900, FS_BASE = 0xC0000100, STAR = 0xC0000081, LSTAR, SYSCALL_MASK = LSTAR + 2 };
// The program itself is linked to lie below (BareTools), the stack grows down from the end of 512 MB.
enum { HEAP = 0x15000000, MAPPED = HEAP + 0x4000000, MAPPED_END = 0x1EF00000, STACK = 0x1FF00000, MOST_ARGUMENTS = 8 };

static uint64_t heap = HEAP, mapped = MAPPED;

static void out(uint16_t port, uint8_t byte) { __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port)); }

static uint8_t in(uint16_t port) {
  uint8_t byte;
  __asm__ volatile("inb %1, %0" : "=a"(byte) : "Nd"(port));
  return byte;
}

static void set_register(uint32_t number, uint64_t value) {
  __asm__ volatile("wrmsr" : : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void print(const char *text, uint64_t count) {
  while (count--) {
    while (!(in(SERIAL + 5) & 0x20)) { }
    out(SERIAL, (uint8_t)*text++);
  }
}

static void print_line(const char *text, uint64_t value) {
  uint64_t length = 0;
  while (text[length]) length++;
  print(text, length);
  char digits[20];
  int place = sizeof digits;
  do digits[--place] = (char)('0' + value % 10); while (value /= 10);
  print(digits + place, sizeof digits - (uint64_t)place);
  print("\n", 1);
}

static _Noreturn void leave(uint64_t status) {
  print_line("left with ", status);
  // Until the last byte is out.
  while (!(in(SERIAL + 5) & 0x40)) { }
  // Bochs ends when it sees this word.
  for (const char *c = "Shutdown"; *c; c++) out(SHUTDOWN, (uint8_t)*c);
  for (;;) __asm__ volatile("hlt");
}

// What the compiler calls.
void *memcpy(void *to, const void *from, unsigned long count) {
  for (unsigned long i = 0; i < count; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memset(void *to, int value, unsigned long count) {
  for (unsigned long i = 0; i < count; i++) ((char *)to)[i] = (char)value;
  return to;
}

static int64_t map(uint64_t bytes) {
  const uint64_t place = (mapped + 4095) & ~4095ull;
  if (bytes > MAPPED_END - place) return -12;
  mapped = place + bytes;
  memset((void *)place, 0, bytes);
  return (int64_t)place;
}

/// A call of the system: its number, as Linux numbers them on x86-64, after what it is given.
int64_t called(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t number) {
  (void)d, (void)e;
  switch (number) {
  case 1:  // write
    print((const char *)b, c);
    return (int64_t)c;
  case 9: return map(b);  // mmap
  case 12:                // brk
    if (a >= HEAP && a < MAPPED) {
      if (a > heap) memset((void *)heap, 0, a - heap);
      heap = a;
    }
    return (int64_t)heap;
  case 10: case 11: return 0;  // mprotect, munmap
  case 158:                    // arch_prctl, to say where a thread's own variables are
    if (a != 0x1002) return -22;
    set_register(FS_BASE, b);
    return 0;
  case 60: case 231: leave(a);  // exit, exit_group
  case 218: return 1;           // set_tid_address
  case 318:                     // getrandom
    memset((void *)a, 7, b);
    return (int64_t)b;
  default: return -38;  // There is no such call.
  }
}

void machine(const uint32_t *loader) {
  // The serial port's fastest rate, and bytes of eight bits.
  out(SERIAL + 3, 0x83), out(SERIAL, 1), out(SERIAL + 1, 0), out(SERIAL + 3, 3);
  // What the loader says in its seventh word: where a module begins, where it ends, and its line of text.
  const uint32_t *module = (const uint32_t *)(uint64_t)loader[6];
  const char *file = (const char *)(uint64_t)module[0];
  char *line = (char *)(uint64_t)module[2];

  const Elf64_Ehdr *head = (const Elf64_Ehdr *)file;
  const Elf64_Phdr *parts = (const Elf64_Phdr *)(file + head->e_phoff);
  uint64_t headers = 0;
  for (int i = 0; i < head->e_phnum; i++) {
    if (parts[i].p_type != PT_LOAD) continue;
    if (parts[i].p_offset == 0) headers = parts[i].p_vaddr + head->e_phoff;
    memset((void *)parts[i].p_vaddr, 0, parts[i].p_memsz);
    memcpy((void *)parts[i].p_vaddr, file + parts[i].p_offset, parts[i].p_filesz);
  }
  set_register(STAR, 8ull << 32);
  set_register(LSTAR, (uint64_t)entered);
  set_register(SYSCALL_MASK, 0);

  // The stack as Linux leaves it: the count of arguments, the arguments, no environment, and what glibc asks for.
  uint64_t *stack = (uint64_t *)STACK;
  uint64_t count = 0;
  while (*line && count < MOST_ARGUMENTS) {
    stack[1 + count++] = (uint64_t)line;
    while (*line && *line != ' ') line++;
    while (*line == ' ') *line++ = 0;
  }
  stack[0] = count;
  const uint64_t rest[] = {0, 0, AT_PHDR, headers, AT_PHENT, sizeof *parts, AT_PHNUM, head->e_phnum, AT_PAGESZ, 4096,
                           AT_RANDOM, STACK + 1024, AT_ENTRY, head->e_entry, AT_NULL, 0};
  memcpy(stack + 1 + count, rest, sizeof rest);
  begin(head->e_entry, STACK);
}
