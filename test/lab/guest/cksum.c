/* cksum, as POSIX describes it: CRC and length of standard input. Debian's BusyBox is built without the applet. */
#include <stdint.h>
#include <stdio.h>

static uint32_t add(uint32_t crc, unsigned byte) {
  crc ^= (uint32_t)byte << 24;
  for (int bit = 0; bit < 8; bit++) crc = crc & 0x80000000u ? (crc << 1) ^ 0x04c11db7u : crc << 1;
  return crc;
}

int main(void) {
  uint32_t crc = 0;
  uint64_t length = 0;
  for (int c; (c = getchar()) != EOF; length++) crc = add(crc, (unsigned)c);
  for (uint64_t rest = length; rest; rest >>= 8) crc = add(crc, rest & 0xff);
  printf("%u %llu\n", (unsigned)~crc, (unsigned long long)length);
  return 0;
}
