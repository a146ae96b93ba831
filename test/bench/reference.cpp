// The yardstick: reads a trace with simdjson's on-demand API, counts events by name, and does nothing else.
// `reference FILE` holds the file in memory, as the library's own loader does; `reference FILE blocks` reads 1 MiB at a
// time, which is all the memory it takes.
// Build: c++ -O3 -march=native -std=c++17 reference.cpp -o reference -lsimdjson

#include <cstdio>
#include <cstring>
#include <map>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

using Counts = std::map<std::string, unsigned long, std::less<>>;

constexpr size_t BLOCK = 1 << 20;

static bool count(simdjson::ondemand::parser &parser, const char *bytes, size_t length, Counts &counts) {
  simdjson::ondemand::document_stream lines;
  if (parser.iterate_many(bytes, length, BLOCK).get(lines) != simdjson::SUCCESS) return false;
  for (auto line : lines) {
    std::string_view event;
    if (line["event"].get_string().get(event) != simdjson::SUCCESS) return false;
    auto found = counts.find(event);
    if (found == counts.end()) found = counts.emplace(event, 0).first;
    found->second++;
  }
  return true;
}

static bool countWhole(const char *path, Counts &counts) {
  simdjson::ondemand::parser parser;
  simdjson::padded_string json;
  if (simdjson::padded_string::load(path).get(json) != simdjson::SUCCESS) return false;
  return count(parser, json.data(), json.size(), counts);
}

/** What follows the last line feed of a block goes before the next one. */
static bool countBlocks(const char *path, Counts &counts) {
  FILE *file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  simdjson::ondemand::parser parser;
  std::vector<char> buffer(BLOCK + simdjson::SIMDJSON_PADDING);
  size_t kept = 0;
  for (;;) {
    const size_t length = kept + std::fread(buffer.data() + kept, 1, BLOCK - kept, file);
    const bool last = length < BLOCK;
    size_t end = length;
    while (!last && end > 0 && buffer[end - 1] != '\n') end--;
    if (!count(parser, buffer.data(), end, counts)) return false;
    if (last) break;
    kept = length - end;
    std::memmove(buffer.data(), buffer.data() + end, kept);
  }
  std::fclose(file);
  return true;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  Counts counts;
  if (!(argc == 2 ? countWhole : countBlocks)(argv[1], counts)) return 2;
  for (const auto &[event, times] : counts) std::printf("%s %lu\n", event.c_str(), times);
}
