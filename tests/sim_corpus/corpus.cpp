#include "corpus.h"

#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace corpus {
namespace {

struct NamedType {
  const char* name;
  Type type;
  std::size_t bytes;
};
constexpr NamedType kTypes[] = {{"u8", Type::kU8, 1},   {"u32", Type::kU32, 4},
                                {"i32", Type::kI32, 4}, {"u64", Type::kU64, 8},
                                {"f16", Type::kF16, 2}, {"bf16", Type::kBf16, 2},
                                {"f32", Type::kF32, 4}, {"f64", Type::kF64, 8}};

Type TypeNamed(const std::string& name) {
  for (const NamedType& known : kTypes) {
    if (name == known.name) return known.type;
  }
  throw std::runtime_error("unknown type \"" + name + "\"");
}

void ReadLine(const std::string& key, std::istringstream& words, Case& c) {
  std::string word;
  if (key == "in:") {
    words >> c.in_bytes;
  } else if (key == "fill:") {
    words >> word >> c.fill_kind;
    c.fill_type = TypeNamed(word);
  } else if (key == "out:") {
    words >> word >> c.out_count;
    c.out_type = TypeNamed(word);
  } else if (key == "compare:") {
    words >> word;
    if (word == "ulps") {
      words >> c.ulps;
    } else if (word == "relative") {
      words >> c.relative;
      if (std::string more; words >> more) {
        if (more != "absolute") throw std::runtime_error("\"" + more + "\" after relative");
        words >> c.absolute;
      }
    } else if (word != "exact") {
      throw std::runtime_error("unknown comparison \"" + word + "\"");
    }
    return;
  } else if (key == "finds:") {
    while (words >> word) c.finds.push_back(word);
    return;
  } else {
    return;
  }
  if (words.fail()) throw std::runtime_error("value missing after " + key);
}

// FNV-1a over what is no comment line and no blank.
void Digest(const std::string& line, std::uint64_t& digest) {
  for (const char c : line) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
}

}  // namespace

std::size_t BytesOf(Type type) {
  for (const NamedType& known : kTypes) {
    if (type == known.type) return known.bytes;
  }
  throw std::runtime_error("unknown type");
}

std::size_t OutBytes(const Case& c) { return c.out_count * BytesOf(c.out_type); }

Case ReadCase(const std::string& path) {
  Case c;
  const std::size_t slash = path.rfind('/');
  c.name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  c.name = c.name.substr(0, c.name.rfind(".cu"));
  c.digest = 0xcbf29ce484222325u;
  std::ifstream file(path);
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.compare(0, 3, "// ") != 0) {
      Digest(line, c.digest);
      continue;
    }
    std::istringstream words(line.substr(3));
    std::string key;
    words >> key;
    // These change what is fed or recorded; how it is compared does not.
    if (key == "in:" || key == "fill:" || key == "out:") Digest(line, c.digest);
    try {
      ReadLine(key, words, c);
    } catch (const std::exception& e) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": " + e.what());
    }
  }
  if (c.in_bytes == 0 || c.out_count == 0 || c.fill_kind.empty()) {
    throw std::runtime_error(path + ": its head needs in, fill and out");
  }
  return c;
}

}  // namespace corpus
