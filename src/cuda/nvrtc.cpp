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

struct Nvrtc {
  decltype(&::nvrtcCreateProgram) create = nullptr;
  decltype(&::nvrtcCompileProgram) compile = nullptr;
  decltype(&::nvrtcDestroyProgram) destroy = nullptr;
  decltype(&::nvrtcGetProgramLogSize) log_size = nullptr;
  decltype(&::nvrtcGetProgramLog) log = nullptr;
  decltype(&::nvrtcGetCUBINSize) cubin_size = nullptr;
  decltype(&::nvrtcGetCUBIN) cubin = nullptr;
  decltype(&::nvrtcGetErrorString) error = nullptr;
};

Result<Nvrtc> LoadNvrtc(const std::string& toolkit) {
  const SharedLibrary library =
      TRY(SharedLibrary::Open(LibraryNames("libnvrtc.so.13", toolkit), "NVRTC (libnvrtc.so.13)",
                              "It is part of the CUDA toolkit 13, next to nvcc; CAESAR_NVCC or "
                              "CUDA_HOME may name the toolkit."));
  Nvrtc nvrtc;
  const bool complete = library.Find("nvrtcCreateProgram", nvrtc.create) &&
                        library.Find("nvrtcCompileProgram", nvrtc.compile) &&
                        library.Find("nvrtcDestroyProgram", nvrtc.destroy) &&
                        library.Find("nvrtcGetProgramLogSize", nvrtc.log_size) &&
                        library.Find("nvrtcGetProgramLog", nvrtc.log) &&
                        library.Find("nvrtcGetCUBINSize", nvrtc.cubin_size) &&
                        library.Find("nvrtcGetCUBIN", nvrtc.cubin) &&
                        library.Find("nvrtcGetErrorString", nvrtc.error);
  if (!complete)
    return Error{ErrorCode::kEnvironment, "libnvrtc.so.13 lacks a function",
                 "Reinstall the CUDA toolkit 13."};
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
  nvrtcResult result =
      nvrtc.create(&program, Text("cuda/kernels.cu"), "kernels.cu", 1, &header, &header_name);
  std::string cubin;
  std::string log;
  if (result == NVRTC_SUCCESS) {
    result = nvrtc.compile(program, static_cast<int>(option_texts.size()), option_texts.data());
    std::size_t bytes = 0;
    if (nvrtc.log_size(program, &bytes) == NVRTC_SUCCESS) {
      log.resize(bytes);
      nvrtc.log(program, log.data());
    }
  }
  if (result == NVRTC_SUCCESS) {
    std::size_t bytes = 0;
    result = nvrtc.cubin_size(program, &bytes);
    cubin.resize(bytes);
    if (result == NVRTC_SUCCESS) result = nvrtc.cubin(program, cubin.data());
  }
  const std::string why = nvrtc.error(result);
  if (program != nullptr) nvrtc.destroy(&program);
  if (result != NVRTC_SUCCESS) {
    return Error{ErrorCode::kEnvironment,
                 Format("NVRTC cannot compile the judge's kernels for {}: {}", arch, why), log};
  }
  return cubin;
}

}  // namespace caesar
