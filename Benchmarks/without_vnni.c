// SPDX-License-Identifier: Apache-2.0
//
// Answers the cpuid instructions of a library as a processor without AVX-512 and without VNNI would. `without_vnni.py` has put a trap (int3, nop)
// in the place of each; this, loaded before the library (LD_PRELOAD), runs the real instruction in its stead and clears what is to be hidden.
// Nothing else is changed: what the library then chooses runs as it is. With INGOT_COUNT_TRAPS set, says at the end how many there were.
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define BIT(n) (1u << (n))

static atomic_long traps;

// Leaf 7, subleaf 0.
static const uint32_t ebx_0 = BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31);  // AVX512F DQ IFMA PF ER CD BW VL
static const uint32_t ecx_0 = BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14);  // AVX512_VBMI VBMI2 VNNI BITALG VPOPCNTDQ
static const uint32_t edx_0 = BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25);  // 4VNNIW 4FMAPS VP2INTERSECT AMX-BF16 AVX512_FP16 AMX-TILE AMX-INT8
// Leaf 7, subleaf 1.
static const uint32_t eax_1 = BIT(4) | BIT(5) | BIT(21) | BIT(23);  // AVX-VNNI AVX512_BF16 AMX-FP16 AVX-IFMA
static const uint32_t edx_1 = BIT(4) | BIT(5) | BIT(8) | BIT(10) | BIT(19);  // AVX-VNNI-INT8 AVX-NE-CONVERT AMX-COMPLEX AVX-VNNI-INT16 AVX10

static void answer(int number, siginfo_t *information, void *context) {
  (void)information;
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const uint8_t *next = (const uint8_t *)registers[REG_RIP];
  if (next[-1] != 0xCC || next[0] != 0x90) {  // A breakpoint of somebody else: it ends the process, as it would have done.
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  uint32_t leaf = (uint32_t)registers[REG_RAX], subleaf = (uint32_t)registers[REG_RCX], a, b, c, d;
  __cpuid_count(leaf, subleaf, a, b, c, d);
  if (leaf == 7 && subleaf == 0) {
    b &= ~ebx_0, c &= ~ecx_0, d &= ~edx_0;
  } else if (leaf == 7 && subleaf == 1) {
    a &= ~eax_1, d &= ~edx_1;
  }
  registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
  atomic_fetch_add(&traps, 1);
}

__attribute__((constructor)) static void begin(void) {
  struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGTRAP, &action, NULL);
}

__attribute__((destructor)) static void end(void) {
  if (getenv("INGOT_COUNT_TRAPS") && atomic_load(&traps) > 0) fprintf(stderr, "%ld cpuid instructions answered\n", atomic_load(&traps));
}
