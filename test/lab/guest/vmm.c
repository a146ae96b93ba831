/*
 * vmm [-s SEED] [-m VMS] [-v VCPUS] [-n OPERATIONS] [-d] [-z] [-p]
 *
 * A small virtual machine monitor that moves FP and debug state about: one thread for each vCPU; every second VM has SVE. Between
 * runs the threads use FP, move to another CPU, yield, read a vCPU's V register, and set debugging of the guest from outside.
 * -d: guests that debug themselves most of the time. -z: threads that hold ZA, where the machine has SME. -p: threads stay where they are.
 *
 * It ends with what was lost: each thread keeps a pattern in FP registers over every KVM_RUN, each guest an FP counter.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "operations.h"

#define MEMORY_SIZE (4u << 20)
#define MAX_VCPUS 64
#define CORE_REG(size, field) (KVM_REG_ARM64 | size | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))

extern const char guest_start[], guest_end[];
/* Global: the linker takes two local symbols of a section for one where their addresses come from a table. */
asm(".section .rodata\n.global guest_start, guest_end\nguest_start: .incbin \"guest.bin\"\nguest_end:\n.previous");

struct vcpu {
  int fd, vm, number, sve;
  uint64_t random;
  struct kvm_run *run;
};

/* Of 100 operations, how many are of which kind. */
struct share {
  int operation, percent;
};
static const struct share ordinary[] = {{OP_FP, 30},          {OP_SVE, 15},   {OP_DEBUG_WRITE, 10}, {OP_FP_SPIN, 15},
                                        {OP_HVC, 15},         {OP_TOUCH, 10}, {OP_DEBUG_CLEAR, 5}};
static const struct share debugging[] = {{OP_DEBUG_ENABLE, 25}, {OP_DEBUG_WRITE, 25}, {OP_HVC, 15}, {OP_TOUCH, 10},
                                         {OP_FP, 10},           {OP_SPIN, 5},         {OP_OS_LOCK, 5}, {OP_DEBUG_CLEAR, 5}};

static const struct share *shares = ordinary;
static int kvm, hold_za, pinned, cpus;
static long operations = 60, host_lost, guest_lost;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t next_random(struct vcpu *vcpu) {
  vcpu->random ^= vcpu->random << 13;
  vcpu->random ^= vcpu->random >> 7;
  vcpu->random ^= vcpu->random << 17;
  return vcpu->random;
}

static int next_operation(struct vcpu *vcpu) {
  int left = next_random(vcpu) % 100;
  const struct share *share = shares;
  while (left >= share->percent) left -= (share++)->percent;
  return share->operation == OP_SVE && !vcpu->sve ? OP_FP : share->operation;
}

/* KVM_RUN, with a pattern in d20 and d28 that has to be there afterwards. */
static long run_vcpu(int fd) {
  register long x0 asm("x0") = fd;
  register long x1 asm("x1") = KVM_RUN;
  register long x2 asm("x2") = 0;
  register long x8 asm("x8") = __NR_ioctl;
  uint64_t pattern = 0x1234567800000000u + (unsigned)fd, d20, d28;
  asm volatile(
      "fmov d20, %4\n fmov d28, %4\n svc #0\n fmov %1, d20\n fmov %2, d28\n"
      : "+r"(x0), "=&r"(d20), "=&r"(d28)
      : "r"(x1), "r"(pattern), "r"(x2), "r"(x8)
      : "v20", "v28", "memory");
  if (d20 != pattern || d28 != pattern) __sync_fetch_and_add(&host_lost, 1);
  return x0;
}

static void use_fp(void) {
  volatile double value = 1.5;
  for (int i = 0; i < 10; i++) value = value * 1.1 + 0.3;
}

/* SMSTART ZA, SMSTOP ZA. */
static void set_za(int on) {
  if (on)
    asm volatile(".inst 0xd503457f");
  else
    asm volatile(".inst 0xd503447f");
}

static void move(struct vcpu *vcpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(next_random(vcpu) % cpus, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void read_v0(struct vcpu *vcpu) {
  unsigned __int128 value;
  struct kvm_one_reg reg = {.id = CORE_REG(KVM_REG_SIZE_U128, fp_regs.vregs[0]), .addr = (uint64_t)&value};
  ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg);
}

static void debug_guest(struct vcpu *vcpu) {
  struct kvm_guest_debug debug = {0};
  if (next_random(vcpu) & 1) debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
  ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);
}

static void between_runs(struct vcpu *vcpu, int *za) {
  unsigned choice = next_random(vcpu) % 100;
  if (choice < 20) use_fp();
  else if (choice < 35) pinned ? (void)0 : move(vcpu);
  else if (choice < 45) hold_za ? set_za(*za = !*za) : (void)0;
  else if (choice < 50) sched_yield();
  else if (choice < 55) read_v0(vcpu);
  else if (choice < 58) debug_guest(vcpu);
}

static void *run_thread(void *argument) {
  struct vcpu *vcpu = argument;
  struct kvm_run *run = vcpu->run;
  int za = 0;
  for (long done = 0; done < operations;) {
    long result = run_vcpu(vcpu->fd);
    if (result < 0 && result != -4 /* EINTR */) {
      fprintf(stderr, "KVM_RUN of vm %d vcpu %d: %ld\n", vcpu->vm, vcpu->number, result);
      exit(1);
    }
    if (run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write) {
      __sync_fetch_and_add(&guest_lost, 1);
    } else if (run->exit_reason == KVM_EXIT_MMIO) {
      uint32_t operation = next_operation(vcpu);
      memset(run->mmio.data, 0, sizeof run->mmio.data);
      memcpy(run->mmio.data, &operation, sizeof operation);
      done++;
      between_runs(vcpu, &za);
    } else if (run->exit_reason != KVM_EXIT_DEBUG && run->exit_reason != KVM_EXIT_INTR) {
      fprintf(stderr, "vm %d vcpu %d: exit reason %u\n", vcpu->vm, vcpu->number, run->exit_reason);
      exit(1);
    }
  }
  if (za) set_za(0);
  return NULL;
}

static int create_vm(void) {
  int vm = ioctl(kvm, KVM_CREATE_VM, 0);
  if (vm < 0) die("KVM_CREATE_VM");
  char *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap");
  memcpy(memory, guest_start, guest_end - guest_start);
  struct kvm_userspace_memory_region region = {
      .guest_phys_addr = GUEST_MEMORY, .memory_size = MEMORY_SIZE, .userspace_addr = (uint64_t)memory};
  if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0) die("KVM_SET_USER_MEMORY_REGION");
  return vm;
}

static void set_register(int fd, uint64_t id, uint64_t value) {
  struct kvm_one_reg reg = {.id = id, .addr = (uint64_t)&value};
  if (ioctl(fd, KVM_SET_ONE_REG, &reg) < 0) die("KVM_SET_ONE_REG");
}

static struct vcpu *create_vcpu(int vm_fd, int vm, int number, int sve, uint64_t seed) {
  struct vcpu *vcpu = calloc(1, sizeof *vcpu);
  *vcpu = (struct vcpu){.vm = vm, .number = number, .sve = sve, .random = seed * 7919 + vm * 131 + number * 17 + 1};
  vcpu->fd = ioctl(vm_fd, KVM_CREATE_VCPU, number);
  if (vcpu->fd < 0) die("KVM_CREATE_VCPU");
  struct kvm_vcpu_init init;
  if (ioctl(vm_fd, KVM_ARM_PREFERRED_TARGET, &init) < 0) die("KVM_ARM_PREFERRED_TARGET");
  memset(init.features, 0, sizeof init.features);
  init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2 | (sve ? 1u << KVM_ARM_VCPU_SVE : 0);
  if (ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init) < 0) die("KVM_ARM_VCPU_INIT");
  int feature = KVM_ARM_VCPU_SVE;
  if (sve && ioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &feature) < 0) die("KVM_ARM_VCPU_FINALIZE");
  set_register(vcpu->fd, CORE_REG(KVM_REG_SIZE_U64, regs.pc), GUEST_MEMORY);
  /* EL1h, everything masked. */
  set_register(vcpu->fd, CORE_REG(KVM_REG_SIZE_U64, regs.pstate), 0x3c5);
  vcpu->run = mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
  if (vcpu->run == MAP_FAILED) die("mmap of kvm_run");
  return vcpu;
}

int main(int argc, char **argv) {
  uint64_t seed = 7;
  int vms = 2, vcpus = 2, count = 0, option;
  pthread_t threads[MAX_VCPUS];
  struct vcpu *list[MAX_VCPUS];
  while ((option = getopt(argc, argv, "s:m:v:n:dzp")) != -1) {
    switch (option) {
      case 's': seed = atoll(optarg); break;
      case 'm': vms = atoi(optarg); break;
      case 'v': vcpus = atoi(optarg); break;
      case 'n': operations = atol(optarg); break;
      case 'd': shares = debugging; break;
      case 'z': hold_za = (getauxval(AT_HWCAP2) & 1ul << 23) != 0; break;
      case 'p': pinned = 1; break;
      default: return 2;
    }
  }
  if (vms * vcpus > MAX_VCPUS) return fprintf(stderr, "vmm: at most %d vCPUs\n", MAX_VCPUS), 2;
  cpus = sysconf(_SC_NPROCESSORS_ONLN);
  kvm = open("/dev/kvm", O_RDWR);
  if (kvm < 0) die("/dev/kvm");
  int sve = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_SVE);
  for (int vm = 0; vm < vms; vm++) {
    int fd = create_vm();
    for (int number = 0; number < vcpus; number++)
      list[count++] = create_vcpu(fd, vm, number, sve && vm % 2 == 0, seed);
  }
  /* Protected KVM takes the number of vCPUs from the first run: all are created before. */
  for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, run_thread, list[i]);
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
  printf("lab: vmm sve=%d lost by host=%ld by guests=%ld\n", sve, host_lost, guest_lost);
  return host_lost || guest_lost;
}
