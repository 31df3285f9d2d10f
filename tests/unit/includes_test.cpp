// Holds the architecture: which module may include which, and which third-party header belongs to
// whom. The same table is drawn in docs/architecture.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using Names = std::set<std::string>;

const std::map<std::string, Names>& AllowedIncludes() {
  static const std::map<std::string, Names> allowed = {
      {"base", {}},
      {"sys", {"base"}},
      {"problem", {"sys", "base"}},
      {"record", {"sys", "base"}},
      {"measure", {"problem", "record", "sys", "base"}},
      {"device", {"problem", "record", "sys", "base"}},
      {"llm", {"measure", "device", "problem", "record", "sys", "base"}},
      {"build", {"measure", "device", "problem", "record", "sys", "base"}},
      {"judge", {"measure", "device", "problem", "record", "sys", "base"}},
      {"cuda", {"measure", "device", "problem", "record", "sys", "base"}},
      {"sim", {"device", "problem", "record", "sys", "base"}},
      {"session",
       {"llm", "build", "judge", "measure", "device", "problem", "record", "sys", "base"}},
      {"gate", {"build", "judge", "measure", "device", "problem", "record", "sys", "base"}},
      {"report", {"problem", "record", "sys", "base"}},
      {"cli", {"report", "session", "gate", "llm", "build", "judge", "problem", "record", "sys", "base"}},
      {"main",
       {"cli", "report", "session", "gate", "llm", "build", "judge", "cuda", "sim", "device", "problem",
        "record", "sys", "base"}},
  };
  return allowed;
}

// One third-party library, one place.
struct Library {
  const char* prefix;              // of the name between the brackets
  std::vector<std::string> where;  // beginnings of the paths (from src/) that may include it
  bool only_cpp = false;           // not even there in headers
};

const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = {
      {"CLI/", {"cli/arguments.cpp"}},
      {"curl/", {"sys/http_curl.cpp", "sys/curl_library."}},
      {"spdlog/", {"base/log.cpp"}},
      {"fmt/core.h", {"base/"}},
      {"fmt/", {"base/"}},
      {"xxhash", {"base/hash.cpp"}},
      {"nlohmann/", {""}, true},
      {"cuda", {"cuda/"}},
      {"cupti", {"cuda/"}},
      {"nvrtc", {"cuda/"}},
      {"nvml", {"cuda/"}},
  };
  return libraries;
}

struct Include {
  std::string file;  // from src/
  int line = 0;
  bool quoted = false;
  std::string name;
};

// "#include <x>" or "#include "x""; everything else gives no name.
bool ParseInclude(std::string line, Include& include) {
  line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.rfind("#include", 0) != 0) return false;
  const std::size_t open = line.find_first_of("<\"");
  if (open == std::string::npos) return false;
  const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
  if (close == std::string::npos) return false;
  include.quoted = line[open] == '"';
  include.name = line.substr(open + 1, close - open - 1);
  return true;
}

std::vector<Include> AllIncludes() {
  std::vector<Include> includes;
  const std::filesystem::path root = CAESAR_SOURCE_DIR;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cpp") continue;
    std::ifstream file(entry.path());
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      Include include{std::filesystem::relative(entry.path(), root).string(), number, false, ""};
      if (ParseInclude(line, include)) includes.push_back(include);
    }
  }
  return includes;
}

std::string ModuleOf(const std::string& path) {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "main" : path.substr(0, slash);
}

bool EndsWith(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

TEST(Includes, AreSeen) {
  const std::vector<Include> includes = AllIncludes();
  EXPECT_GT(includes.size(), 200U);
  EXPECT_TRUE(std::any_of(includes.begin(), includes.end(), [](const Include& i) {
    return i.file == "cli/arguments.cpp" && i.name == "CLI/App.hpp";
  }));
}

TEST(Includes, EveryFolderIsInTheTable) {
  for (const auto& entry : std::filesystem::directory_iterator(CAESAR_SOURCE_DIR)) {
    if (!entry.is_directory()) continue;
    EXPECT_EQ(AllowedIncludes().count(entry.path().filename().string()), 1U)
        << entry.path() << " has no row in the table of this test";
  }
}

TEST(Includes, ArrowsPointDown) {
  for (const Include& include : AllIncludes()) {
    if (!include.quoted) continue;
    const std::string from = ModuleOf(include.file);
    const std::string to = ModuleOf(include.name);
    if (from == to || AllowedIncludes().count(from) == 0) continue;
    EXPECT_EQ(AllowedIncludes().at(from).count(to), 1U)
        << "src/" << include.file << ":" << include.line << " includes \"" << include.name
        << "\", but " << from << " may not include " << to;
  }
}

TEST(Includes, TheTableHasNoCycle) {
  for (const auto& [module, lower] : AllowedIncludes()) {
    for (const std::string& other : lower) {
      EXPECT_EQ(AllowedIncludes().at(other).count(module), 0U)
          << module << " and " << other << " include each other";
      for (const std::string& below : AllowedIncludes().at(other)) {
        EXPECT_TRUE(module == "report" || module == "cli" || module == "main" ||
                    lower.count(below) > 0)
            << module << " may include " << other << ", which may include " << below << ", which "
            << module << " may not";
      }
    }
  }
}

TEST(Includes, QuotedNamesAreWrittenFromSrc) {
  for (const Include& include : AllIncludes()) {
    if (!include.quoted) continue;
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(CAESAR_SOURCE_DIR) / include.name))
        << "src/" << include.file << ":" << include.line << ": \"" << include.name
        << "\" is no file under src/";
  }
}

TEST(Includes, LibrariesStayInTheirModule) {
  for (const Include& include : AllIncludes()) {
    if (include.quoted) continue;
    for (const Library& library : Libraries()) {
      if (include.name.rfind(library.prefix, 0) != 0) continue;
      const bool allowed =
          std::any_of(library.where.begin(), library.where.end(),
                      [&](const std::string& place) { return include.file.rfind(place, 0) == 0; });
      EXPECT_TRUE(allowed && (!library.only_cpp || EndsWith(include.file, ".cpp")))
          << "src/" << include.file << ":" << include.line << " includes <" << include.name
          << ">, which belongs elsewhere";
    }
  }
}

}  // namespace
