# Where a multiboot loader begins: to 64 bits, vectors of 512 bits switched on, and on to machine().
        .set LOAD, 0x100000
        .section .text.start, "ax"
        .code32
        .balign 4
header: .long 0x1BADB002, 0x00010001, -(0x1BADB002 + 0x00010001)
        .long header, LOAD, edata, end, start
        .globl start
start:  cli
        movl %ebx, %edi                         # what the loader says of memory and modules
        movl $stack, %esp
        # 4 GB as they are, in pages of 2 MB.
        movl $tables + 0x1007, tables
        movl $tables + 0x2007, tables + 0x1000
        movl $tables + 0x3007, tables + 0x1008
        movl $tables + 0x4007, tables + 0x1010
        movl $tables + 0x5007, tables + 0x1018
        movl $0x87, %eax
        movl $tables + 0x2000, %ecx
1:      movl %eax, (%ecx)
        addl $0x200000, %eax
        addl $8, %ecx
        cmpl $tables + 0x6000, %ecx
        jne 1b
        movl $tables, %eax
        movl %eax, %cr3
        movl $0x40620, %eax                     # PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
        movl %eax, %cr4
        movl $0xC0000080, %ecx                  # EFER: LME, SCE
        movl $0x101, %eax
        xorl %edx, %edx
        wrmsr
        movl $0x80000033, %eax                  # PG, NE, ET, MP, PE
        movl %eax, %cr0
        lgdt gdtr
        ljmp $8, $long
        .code64
long:   movl $16, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        xorl %ecx, %ecx
        movl $0xE7, %eax                        # XCR0: x87, SSE, AVX, AVX-512
        xorl %edx, %edx
        xsetbv
        movl %edi, %edi
        call machine
        hlt

# A system call of the program: it stays in ring 0, on its own stack.
        .globl entered
entered:
        leaq -128(%rsp), %rsp                   # what a leaf function keeps there
        pushq %rcx
        pushq %r11
        pushq %rdi
        pushq %rsi
        pushq %rdx
        pushq %r8
        pushq %r9
        pushq %r10
        movq %r10, %rcx
        movq %rax, %r9
        pushq %rbp
        movq %rsp, %rbp
        andq $-16, %rsp
        call called                             # (a, b, c, d, e, number)
        movq %rbp, %rsp
        popq %rbp
        popq %r10
        popq %r9
        popq %r8
        popq %rdx
        popq %rsi
        popq %rdi
        popq %r11
        popq %rcx
        leaq 128(%rsp), %rsp
        jmp *%rcx

# The program's first instruction with its stack.
        .globl begin
begin:  movq %rsi, %rsp
        xorl %edx, %edx
        xorl %ebp, %ebp
        jmp *%rdi

        .balign 8
gdt:    .quad 0, 0x00AF9A000000FFFF, 0x00CF92000000FFFF
gdtr:   .word 23
        .long gdt
        .bss
        .balign 4096
tables: .skip 0x6000
        .skip 0x10000
stack:

        .section .note.GNU-stack, "", @progbits
