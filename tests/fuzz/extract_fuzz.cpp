// Any reply through code extraction: it must not crash, and what it returns must define the
// launcher.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "llm/code_scan.h"
#include "llm/extract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view reply(reinterpret_cast<const char*>(data), size);
  const caesar::Extraction extraction = caesar::ExtractKernel(reply, "solve");
  CHECK(extraction.code.has_value() == extraction.missing.empty());
  if (!extraction.code) return 0;
  CHECK(caesar::DefinesFunction(*extraction.code, "solve"));
  CHECK(extraction.code->back() == '\n');
  CHECK(extraction.code->find('\r') == std::string::npos);
  return 0;
}
