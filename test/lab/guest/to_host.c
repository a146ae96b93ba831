/* to_host FILE NAME: copies FILE into the folder that the emulator runs in, by semihosting calls from user mode. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Arm's semihosting specification, 2.0. */
enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, MODE_WB = 5 };

static long semihost(long operation, volatile uint64_t *block) {
  register long x0 asm("x0") = operation;
  register volatile uint64_t *x1 asm("x1") = block;
  asm volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
  return x0;
}

int main(int argc, char **argv) {
  /* The emulator reads these without faulting pages in: they are written first. */
  static char name[256], buffer[1 << 16];
  if (argc != 3 || strlen(argv[2]) >= sizeof name) return fprintf(stderr, "usage: to_host FILE NAME\n"), 2;
  int in = open(argv[1], O_RDONLY);
  if (in < 0) return perror(argv[1]), 1;
  strcpy(name, argv[2]);
  volatile uint64_t block[3] = {(uint64_t)name, MODE_WB, strlen(name)};
  long handle = semihost(SYS_OPEN, block);
  if (handle < 0) return fprintf(stderr, "to_host: the host cannot open %s\n", name), 1;
  ssize_t size;
  while ((size = read(in, buffer, sizeof buffer)) > 0) {
    block[0] = handle;
    block[1] = (uint64_t)buffer;
    block[2] = size;
    /* The result is the number of bytes that were not written. */
    if (semihost(SYS_WRITE, block) != 0) return fprintf(stderr, "to_host: short write of %s\n", name), 1;
  }
  block[0] = handle;
  semihost(SYS_CLOSE, block);
  return size < 0 ? (perror(argv[1]), 1) : 0;
}
