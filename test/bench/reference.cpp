// The yardstick: reads a trace with simdjson's on-demand API, counts events by name, and does nothing else.
// Build: c++ -O3 -march=native -std=c++17 reference.cpp -o reference -lsimdjson

#include <cstdio>
#include <map>
#include <simdjson.h>
#include <string>
#include <string_view>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  simdjson::padded_string json;
  if (simdjson::padded_string::load(argv[1]).get(json) != simdjson::SUCCESS) return 2;
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document_stream lines;
  if (parser.iterate_many(json, 1 << 20).get(lines) != simdjson::SUCCESS) return 2;
  std::map<std::string, unsigned long, std::less<>> counts;
  for (auto line : lines) {
    std::string_view event;
    if (line["event"].get_string().get(event) != simdjson::SUCCESS) return 2;
    auto found = counts.find(event);
    if (found == counts.end()) found = counts.emplace(event, 0).first;
    found->second++;
  }
  for (const auto &[event, count] : counts) std::printf("%s %lu\n", event.c_str(), count);
}
