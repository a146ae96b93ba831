/*
 * tasks SECONDS KIND...
 *
 * Host tasks with live vector state, one process for each KIND, each checking that what it put in registers is still there:
 *
 *   fpsimd, sve, sm, za   spin with a pattern in a V, Z, streaming Z register, or in ZA
 *   signal                sve, and a signal every millisecond whose handler uses FP
 *   fork                  children that use SVE and end
 *   exec                  children that execute this program
 *   ptrace                reads and writes the registers of a child that spins with SVE
 *   hash                  has the kernel hash (AF_ALG, sha256): kernel-mode NEON, where modules for it are there
 *   bpf                   loads BPF programs, of which the kernel takes a hash: kernel-mode NEON since v6.18
 *
 * SVE state is live only between system calls, so it is the timer that has it saved: give it more tasks than CPUs. A kind that
 * the machine lacks is skipped, in words. The exit code is 1 where state was lost.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <linux/bpf.h>
#include <linux/if_alg.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HAS_SVE (getauxval(AT_HWCAP) & 1ul << 22)
#define HAS_SME (getauxval(AT_HWCAP2) & 1ul << 23)
#define SPINS 200000ul
#define MAX_VECTOR 256

static const char *program;
static double deadline;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

/* Each of these puts `pattern` into a register, spins in user mode, and stores the register. */
static int fpsimd_kept(uint64_t pattern) {
  uint64_t read, spins = SPINS;
  asm volatile("fmov d8, %2\n 1: subs %1, %1, #1\n b.ne 1b\n fmov %0, d8" : "=r"(read), "+r"(spins) : "r"(pattern) : "v8", "cc");
  return read == pattern;
}

static int all_equal(const uint64_t *words, int count, uint64_t pattern) {
  for (int i = 0; i < count; i++)
    if (words[i] != pattern) return 0;
  return 1;
}

static int sve_kept(uint64_t pattern) {
  uint64_t stored[MAX_VECTOR / 8], spins = SPINS, length;
  asm volatile(
      ".arch_extension sve\n rdvl %1, #1\n dup z8.d, %2\n 1: subs %0, %0, #1\n b.ne 1b\n str z8, [%3]"
      : "+r"(spins), "=&r"(length)
      : "r"(pattern), "r"(stored)
      : "v8", "cc", "memory");
  return all_equal(stored, length / 8, pattern);
}

static int sm_kept(uint64_t pattern) {
  uint64_t stored[MAX_VECTOR / 8], spins = SPINS, length;
  asm volatile(
      ".arch_extension sme\n smstart sm\n rdvl %1, #1\n dup z8.d, %2\n 1: subs %0, %0, #1\n b.ne 1b\n str z8, [%3]\n smstop sm"
      : "+r"(spins), "=&r"(length)
      : "r"(pattern), "r"(stored)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
        "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
  return all_equal(stored, length / 8, pattern);
}

/* ZA stays live over system calls, so the CPU is given away with it. */
static int za_kept(uint64_t pattern) {
  uint64_t put[MAX_VECTOR / 8], stored[MAX_VECTOR / 8], length;
  for (int i = 0; i < MAX_VECTOR / 8; i++) put[i] = pattern;
  asm volatile(".arch_extension sme\n rdsvl %0, #1\n smstart za\n mov w12, #0\n ldr za[w12, 0], [%1]"
               : "=&r"(length)
               : "r"(put)
               : "x12", "memory");
  for (volatile unsigned spin = 0; spin < SPINS / 8; spin++);
  sched_yield();
  asm volatile(".arch_extension sme\n mov w12, #0\n str za[w12, 0], [%0]\n smstop za" ::"r"(stored) : "x12", "memory");
  return all_equal(stored, length / 8, pattern);
}

static int until_deadline(int (*kept)(uint64_t)) {
  int lost = 0;
  for (uint64_t pattern = 0x0123456789abcdef; now() < deadline; pattern += 0x1111111111111111) lost += !kept(pattern);
  return lost;
}

static volatile double handled;
static void handler(int signal) {
  (void)signal;
  handled = handled * 1.5 + 0.25;
}

static int signals(void) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  struct itimerval timer = {{0, 1000}, {0, 1000}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &timer, NULL);
  int lost = until_deadline(sve_kept);
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
  return lost;
}

static int children(int execute) {
  int lost = 0;
  while (now() < deadline) {
    pid_t child = fork();
    if (child == 0) {
      if (execute) execl(program, program, "0", "fpsimd", NULL);
      _exit(!sve_kept(0x5555aaaa5555aaaa));
    }
    int status = 0;
    waitpid(child, &status, 0);
    lost += status != 0;
  }
  return lost;
}

static int traced(void) {
  pid_t child = fork();
  if (child == 0) {
    for (;;)
      if (!sve_kept(0x3333cccc3333cccc)) _exit(1);
  }
  static char registers[65536];
  int status, lost = 0;
  if (ptrace(PTRACE_SEIZE, child, 0, 0) != 0) return perror("tasks: PTRACE_SEIZE"), 1;
  while (now() < deadline && !lost) {
    usleep(2000);
    ptrace(PTRACE_INTERRUPT, child, 0, 0);
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) return 1;
    struct iovec whole = {registers, sizeof registers};
    lost += ptrace(PTRACE_GETREGSET, child, NT_ARM_SVE, &whole) != 0;
    lost += ptrace(PTRACE_SETREGSET, child, NT_ARM_SVE, &whole) != 0;
    ptrace(PTRACE_CONT, child, 0, 0);
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return lost;
}

/* A hash of the kernel's, or -1. */
static int hash_socket(void) {
  struct sockaddr_alg address = {.salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256"};
  int listening = socket(AF_ALG, SOCK_SEQPACKET, 0);
  if (listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof address) != 0) return -1;
  return accept(listening, NULL, 0);
}

/* The hash of the same bytes is the same, whoever else uses the registers meanwhile. */
static int hashes(void) {
  static char bytes[65536];
  char first[32], digest[32];
  int hash = hash_socket(), lost = 0;
  for (long done = 0; now() < deadline; done++) {
    if (write(hash, bytes, sizeof bytes) != sizeof bytes || read(hash, digest, sizeof digest) != sizeof digest)
      return perror("tasks: AF_ALG"), 1;
    if (done == 0) memcpy(first, digest, sizeof first);
    lost += memcmp(first, digest, sizeof first) != 0;
  }
  return lost;
}

static int load_program(void) {
  /* r0 = 0; exit */
  static const struct bpf_insn code[] = {{.code = 0xb7}, {.code = 0x95}};
  union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                               .insn_cnt = 2,
                               .insns = (uint64_t)code,
                               .license = (uint64_t)"GPL"};
  return syscall(__NR_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
}

static int programs(void) {
  while (now() < deadline) {
    int loaded = load_program();
    if (loaded < 0) return perror("tasks: BPF_PROG_LOAD"), 1;
    close(loaded);
    usleep(500);
  }
  return 0;
}

static int run(const char *kind) {
  if (!strcmp(kind, "fpsimd")) return until_deadline(fpsimd_kept);
  if (!strcmp(kind, "sve")) return until_deadline(sve_kept);
  if (!strcmp(kind, "sm")) return until_deadline(sm_kept);
  if (!strcmp(kind, "za")) return until_deadline(za_kept);
  if (!strcmp(kind, "signal")) return signals();
  if (!strcmp(kind, "fork")) return children(0);
  if (!strcmp(kind, "exec")) return children(1);
  if (!strcmp(kind, "ptrace")) return traced();
  if (!strcmp(kind, "hash")) return hashes();
  if (!strcmp(kind, "bpf")) return programs();
  fprintf(stderr, "tasks: no kind %s\n", kind);
  return 1;
}

static const char *missing(const char *kind) {
  if (!strcmp(kind, "fpsimd") || !strcmp(kind, "exec") || !strcmp(kind, "bpf")) return NULL;
  if (!strcmp(kind, "hash")) return hash_socket() < 0 ? "AF_ALG" : NULL;
  if (!strcmp(kind, "sm") || !strcmp(kind, "za")) return HAS_SME ? NULL : "SME";
  return HAS_SVE ? NULL : "SVE";
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: tasks SECONDS KIND...\n"), 2;
  program = argv[0];
  deadline = now() + atof(argv[1]);
  int lost = 0, status;
  for (int i = 2; i < argc; i++) {
    const char *lacking = missing(argv[i]);
    if (lacking) printf("lab: tasks %s skipped: no %s\n", argv[i], lacking);
    if (lacking) continue;
    fflush(stdout);
    if (fork() == 0) _exit(run(argv[i]) != 0);
  }
  while (wait(&status) > 0) lost += status != 0;
  /* As a child of `exec`, it has nothing to say. */
  if (deadline > 0 && atof(argv[1]) > 0) printf("lab: tasks that lost state: %d\n", lost);
  return lost != 0;
}
