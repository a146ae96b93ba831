/*
 * Counts how often instructions of the kernel and of its hypervisor are executed: a plugin of QEMU's code generator.
 *
 *   -plugin count.so,plan=FILE,out=FILE
 *
 * The plan, one item a line, numbers in hexadecimal:
 *
 *   text START END           kernel addresses
 *   hyp START END            the part of the text that EL2 maps at addresses of its own
 *   place ADDRESS NAME       one instruction
 *   snap ADDRESS NAME        one instruction at which all counts are written out
 *   anchor ADDRESS WORD...   instructions of hyp text by which its place at EL2 is found
 *   class MASK VALUE         every instruction of the text with (word & MASK) == VALUE
 *   skip MASK VALUE          but for these; the first class or skip that matches decides
 *
 * The output: `snap NAME`, then `ADDRESS WORD COUNT` for everything that was counted so far; addresses are the kernel's, also
 * for what EL2 runs elsewhere.
 */
#include "qemu-plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* EL2 maps its text by sections, so the low bits of an address stay. */
#define HYP_LOW_BITS 0x1fffffUL
#define MAX_POINTS 16384
#define MAX_ITEMS 2048
#define ANCHOR_WORDS 6

struct range {
  uint64_t start, end;
};
struct place {
  uint64_t address;
  const char *snapshot; /* NULL: only counted */
};
struct pattern {
  uint32_t mask, value;
  int counted;
};
struct anchor {
  uint64_t address;
  int count;
  uint32_t words[ANCHOR_WORDS];
};
struct point {
  uint64_t address;
  uint32_t word;
};

static struct range text, hyp;
static struct place places[MAX_ITEMS];
static struct pattern patterns[MAX_ITEMS];
static struct anchor anchors[MAX_ITEMS];
static struct point points[MAX_POINTS];
static int place_count, pattern_count, anchor_count, point_count;
/* What is to be added to an address at EL2 to have the kernel's; 0: not found yet. */
static uint64_t hyp_offset;
static struct qemu_plugin_scoreboard *scores;
static FILE *out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static qemu_plugin_u64 score(int index) {
  return (qemu_plugin_u64){.score = scores, .offset = (size_t)index * sizeof(uint64_t)};
}

static void write_counts(const char *name) {
  pthread_mutex_lock(&lock);
  fprintf(out, "snap %s\n", name);
  for (int i = 0; i < point_count; i++) {
    uint64_t count = qemu_plugin_u64_sum(score(i));
    if (count) fprintf(out, "%lx %08x %lu\n", (unsigned long)points[i].address, points[i].word, (unsigned long)count);
  }
  fflush(out);
  pthread_mutex_unlock(&lock);
}

static void snapshot(unsigned int vcpu, void *name) {
  (void)vcpu;
  write_counts(name);
}

/* The same code is translated again and again: its count goes on. -1: the table is full. */
static int point_of(uint64_t address, uint32_t word) {
  for (int i = 0; i < point_count; i++)
    if (points[i].address == address && points[i].word == word) return i;
  if (point_count == MAX_POINTS) return -1;
  points[point_count] = (struct point){address, word};
  return point_count++;
}

static uint32_t word_of(const struct qemu_plugin_insn *insn) {
  uint32_t word = 0;
  qemu_plugin_insn_data(insn, &word, sizeof word);
  return word;
}

static int in(const struct range *range, uint64_t address) {
  return address >= range->start && address < range->end;
}

/* Whether the block has the words of the anchor from instruction `first` on; four tell it where the block ends early. */
static int is_anchor(const struct anchor *anchor, const struct qemu_plugin_tb *tb, size_t first, size_t size) {
  if (anchor->count < 4 || size - first < 4) return 0;
  for (size_t i = 0; i < (size_t)anchor->count && first + i < size; i++)
    if (word_of(qemu_plugin_tb_get_insn(tb, first + i)) != anchor->words[i]) return 0;
  return 1;
}

static void find_hyp(const struct qemu_plugin_tb *tb, size_t first, size_t size, uint64_t address) {
  for (int i = 0; i < anchor_count; i++) {
    if ((address & HYP_LOW_BITS) != (anchors[i].address & HYP_LOW_BITS)) continue;
    if (!is_anchor(&anchors[i], tb, first, size)) continue;
    hyp_offset = anchors[i].address - address;
    fprintf(out, "hyp %lx\n", (unsigned long)hyp_offset);
    return;
  }
}

static int is_counted(uint32_t word) {
  for (int i = 0; i < pattern_count; i++)
    if ((word & patterns[i].mask) == patterns[i].value) return patterns[i].counted;
  return 0;
}

static const struct place *place_at(uint64_t address) {
  for (int i = 0; i < place_count; i++)
    if (places[i].address == address) return &places[i];
  return NULL;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  size_t size = qemu_plugin_tb_n_insns(tb);
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < size; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    uint64_t address = qemu_plugin_insn_vaddr(insn);
    if (!in(&text, address)) {
      /* Kernel addresses have all of their high bits set, those of EL2 and of user mode none. */
      if (address >> 52) continue;
      if (!hyp_offset) find_hyp(tb, i, size, address);
      if (!hyp_offset || !in(&hyp, address + hyp_offset)) continue;
      address += hyp_offset;
    }
    uint32_t word = word_of(insn);
    const struct place *place = place_at(address);
    if (!place && !is_counted(word)) continue;
    int point = point_of(address, word);
    if (point < 0) continue;
    qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64, score(point), 1);
    if (place && place->snapshot)
      qemu_plugin_register_vcpu_insn_exec_cb(insn, snapshot, QEMU_PLUGIN_CB_NO_REGS, (void *)place->snapshot);
  }
  pthread_mutex_unlock(&lock);
}

static void finish(qemu_plugin_id_t id, void *nothing) {
  (void)id;
  (void)nothing;
  write_counts("exit");
  if (point_count == MAX_POINTS) fprintf(out, "full\n");
  fclose(out);
}

static int read_item(const char *line) {
  unsigned long a, b;
  unsigned mask, value, w[ANCHOR_WORDS];
  char name[128];
  int n;
  if (sscanf(line, "text %lx %lx", &a, &b) == 2) {
    text = (struct range){a, b};
  } else if (sscanf(line, "hyp %lx %lx", &a, &b) == 2) {
    hyp = (struct range){a, b};
  } else if (sscanf(line, "place %lx %127s", &a, name) == 2 && place_count < MAX_ITEMS) {
    places[place_count++] = (struct place){a, NULL};
  } else if (sscanf(line, "snap %lx %127s", &a, name) == 2 && place_count < MAX_ITEMS) {
    places[place_count++] = (struct place){a, strdup(name)};
  } else if ((n = sscanf(line, "anchor %lx %x %x %x %x %x %x", &a, w, w + 1, w + 2, w + 3, w + 4, w + 5)) > 2 &&
             anchor_count < MAX_ITEMS) {
    anchors[anchor_count] = (struct anchor){.address = a, .count = n - 1};
    memcpy(anchors[anchor_count++].words, w, sizeof w);
  } else if (sscanf(line, "class %x %x", &mask, &value) == 2 && pattern_count < MAX_ITEMS) {
    patterns[pattern_count++] = (struct pattern){mask, value, 1};
  } else if (sscanf(line, "skip %x %x", &mask, &value) == 2 && pattern_count < MAX_ITEMS) {
    patterns[pattern_count++] = (struct pattern){mask, value, 0};
  } else {
    return 0;
  }
  return 1;
}

static const char *value_of(const char *key, int argc, char **argv) {
  size_t length = strlen(key);
  for (int i = 0; i < argc; i++)
    if (!strncmp(argv[i], key, length)) return argv[i] + length;
  return NULL;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  const char *plan_name = value_of("plan=", argc, argv);
  const char *out_name = value_of("out=", argc, argv);
  FILE *plan = plan_name ? fopen(plan_name, "r") : NULL;
  out = out_name ? fopen(out_name, "w") : NULL;
  if (!info->system_emulation || !plan || !out) {
    fprintf(stderr, "count: needs system emulation, plan=FILE that can be read and out=FILE that can be written\n");
    return -1;
  }
  char line[256];
  for (int number = 1; fgets(line, sizeof line, plan); number++) {
    if (read_item(line)) continue;
    fprintf(stderr, "count: %s:%d: not an item of a plan, or one too many: %s", plan_name, number, line);
    return -1;
  }
  fclose(plan);
  scores = qemu_plugin_scoreboard_new(MAX_POINTS * sizeof(uint64_t));
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
