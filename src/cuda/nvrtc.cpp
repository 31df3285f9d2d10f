#include "cuda/nvrtc.h"

#include <nvrtc.h>

#include <optional>
#include <span>

#include "base/check.h"
#include "base/embedded.h"
#include "base/format.h"
#include "cuda/library.h"

namespace caesar {

std::span<const EmbeddedFile> EmbeddedKernels();

namespace {

#define CAESAR_NVRTC_FUNCTIONS(X) \
  X(nvrtcCreateProgram)           \
  X(nvrtcCompileProgram)          \
  X(nvrtcDestroyProgram)          \
  X(nvrtcGetProgramLogSize)       \
  X(nvrtcGetProgramLog)           \
  X(nvrtcGetCUBINSize)            \
  X(nvrtcGetCUBIN)                \
  X(nvrtcGetErrorString)

struct Nvrtc {
  CAESAR_LIBRARY_TABLE(CAESAR_NVRTC_FUNCTIONS)
};

Result<Nvrtc> LoadNvrtc(const std::string& toolkit) {
  const SharedLibrary library =
      TRY(SharedLibrary::Open(LibraryNames("libnvrtc.so.13", toolkit), "NVRTC (libnvrtc.so.13)",
                              "It is part of the CUDA toolkit 13, next to nvcc; CAESAR_NVCC or "
                              "CUDA_HOME may name the toolkit."));
  Nvrtc nvrtc;
  if (const char* missing = nvrtc.FindIn(library)) {
    return Error{ErrorCode::kEnvironment, Format("libnvrtc.so.13 has no {}", missing),
                 "Reinstall the CUDA toolkit 13."};
  }
  return nvrtc;
}

const char* Text(std::string_view path) {
  for (const EmbeddedFile& file : EmbeddedKernels()) {
    if (file.path == path)
      return file.content.data();  // followed by a zero byte, see cmake/Embed.cmake
  }
  CHECK(!"kernel source is not embedded");
  return nullptr;
}

}  // namespace

Result<std::string> CompileKernels(const std::string& arch, const std::vector<std::string>& defines,
                                   const std::string& toolkit) {
  static std::optional<Nvrtc> loaded;  // the judge has one thread
  if (!loaded.has_value()) loaded = TRY(LoadNvrtc(toolkit));
  const Nvrtc& nvrtc = *loaded;

  std::vector<std::string> options = {"-arch=" + arch, "-std=c++17", "--fmad=false"};
  for (const std::string& define : defines) options.push_back("-D" + define);
  std::vector<const char*> option_texts;
  for (const std::string& option : options) option_texts.push_back(option.c_str());
  const char* header = Text("device/elementwise.h");
  const char* header_name = "elementwise.h";

  nvrtcProgram program = nullptr;
  nvrtcResult result = nvrtc.nvrtcCreateProgram_(&program, Text("cuda/kernels.cu"), "kernels.cu", 1,
                                                 &header, &header_name);
  std::string cubin;
  std::string log;
  if (result == NVRTC_SUCCESS) {
    result = nvrtc.nvrtcCompileProgram_(program, static_cast<int>(option_texts.size()),
                                        option_texts.data());
    std::size_t bytes = 0;
    if (nvrtc.nvrtcGetProgramLogSize_(program, &bytes) == NVRTC_SUCCESS) {
      log.resize(bytes);
      nvrtc.nvrtcGetProgramLog_(program, log.data());
    }
  }
  if (result == NVRTC_SUCCESS) {
    std::size_t bytes = 0;
    result = nvrtc.nvrtcGetCUBINSize_(program, &bytes);
    cubin.resize(bytes);
    if (result == NVRTC_SUCCESS) result = nvrtc.nvrtcGetCUBIN_(program, cubin.data());
  }
  const std::string why = nvrtc.nvrtcGetErrorString_(result);
  if (program != nullptr) nvrtc.nvrtcDestroyProgram_(&program);
  if (result != NVRTC_SUCCESS) {
    return Error{ErrorCode::kEnvironment,
                 Format("NVRTC cannot compile the judge's kernels for {}: {}", arch, why), log};
  }
  return cubin;
}

}  // namespace caesar
