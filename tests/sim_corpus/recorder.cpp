// Runs one case on the GPU of this machine and writes what it computed.
//
//   recorder CASE.cu OBJECT.so OUT.bin      prints the case's line of the manifest
//   recorder --device                       prints the device and the driver
//
// Every case is run twice: results that differ from one run to the next are no expectation.
#include <cuda_runtime.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "corpus.h"

namespace {

using Run = int (*)(const void*, std::size_t, void*, std::size_t, cudaStream_t);
using Bytes = std::vector<unsigned char>;

void Check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(error));
}

Bytes RunOnce(Run run, const corpus::Case& c, const Bytes& input) {
  Bytes output(corpus::OutBytes(c));
  void* in = nullptr;
  void* out = nullptr;
  cudaStream_t stream = nullptr;
  Check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
  Check(cudaMalloc(&in, input.size()), "cudaMalloc");
  Check(cudaMalloc(&out, output.size()), "cudaMalloc");
  Check(cudaMemcpy(in, input.data(), input.size(), cudaMemcpyHostToDevice), "copy of the input");
  Check(cudaMemset(out, 0, output.size()), "cudaMemset");
  Check(cudaDeviceSynchronize(), "clearing the output");
  Check(static_cast<cudaError_t>(run(in, input.size(), out, output.size(), stream)), "corpus_run");
  Check(cudaStreamSynchronize(stream), "the kernels");
  Check(cudaMemcpy(output.data(), out, output.size(), cudaMemcpyDeviceToHost),
        "copy of the output");
  Check(cudaFree(in), "cudaFree");
  Check(cudaFree(out), "cudaFree");
  Check(cudaStreamDestroy(stream), "cudaStreamDestroy");
  return output;
}

void Record(const std::string& source, const std::string& object, const std::string& to) {
  const corpus::Case c = corpus::ReadCase(source);
  void* library = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto run = reinterpret_cast<Run>(dlsym(library, "corpus_run"));
  if (run == nullptr) throw std::runtime_error("no corpus_run in " + object);
  const Bytes input = corpus::FillInput(c);
  const Bytes first = RunOnce(run, c, input);
  if (first != RunOnce(run, c, input)) throw std::runtime_error("two runs differ");
  std::ofstream file(to, std::ios::binary);
  file.write(reinterpret_cast<const char*>(first.data()),
             static_cast<std::streamsize>(first.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + to);
  std::printf("%s %016llx\n", c.name.c_str(), static_cast<unsigned long long>(c.digest));
}

void PrintDevice() {
  cudaDeviceProp properties{};
  int driver = 0;
  int runtime = 0;
  Check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  Check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  Check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  std::printf("# device: %s, sm_%d%d; driver for CUDA %d, runtime %d\n", properties.name,
              properties.major, properties.minor, driver, runtime);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string(argv[1]) == "--device") {
      PrintDevice();
    } else if (argc == 4) {
      Record(argv[1], argv[2], argv[3]);
    } else {
      std::fputs("usage: recorder CASE.cu OBJECT.so OUT.bin | recorder --device\n", stderr);
      return 2;
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "recorder: %s: %s\n", argv[1], e.what());
    return 1;
  }
  return 0;
}
