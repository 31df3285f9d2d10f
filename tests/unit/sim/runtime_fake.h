// For tests of the CUDA runtime's entry points: their declarations, one fat binary with kernels and
// variables that it registers, and grids that do what a test says.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/launch.h"
#include "sim/runtime/abi.h"
#include "sim/runtime/device.h"

extern "C" {
using caesar::sim::GraphNode;
namespace cuda {
using Dim = caesar::sim::abi::Dim;
}
void** __cudaRegisterFatBinary(void*);
void __cudaRegisterFunction(void**, const char*, char*, const char*, int, void*, void*, void*,
                            void*, int*);
void __cudaRegisterVar(void**, char*, char*, const char*, int, std::size_t, int, int);
void __cudaRegisterManagedVar(void**, void**, char*, const char*, int, std::size_t, int, int);
char __cudaInitModule(void**);
void __cudaUnregisterFatBinary(void**);
unsigned __cudaPushCallConfiguration(cuda::Dim, cuda::Dim, std::size_t, void*);
int __cudaPopCallConfiguration(cuda::Dim*, cuda::Dim*, std::size_t*, void*);
int __cudaGetKernel(void**, const void*);
int __cudaLaunchKernel(void*, cuda::Dim, cuda::Dim, void**, std::size_t, void*);
int cudaLaunchKernel(const void*, cuda::Dim, cuda::Dim, void**, std::size_t, void*);
int cudaLaunchKernelExC(const caesar::sim::abi::LaunchConfig*, const void*, void**);
int cudaLaunchCooperativeKernel(const void*, cuda::Dim, cuda::Dim, void**, std::size_t, void*);
int cudaLaunchHostFunc(void*, void (*)(void*), void*);
int cudaGetLastError();
int cudaPeekAtLastError();
const char* cudaGetErrorName(int);
int cudaMalloc(void**, std::size_t);
int cudaFree(void*);
int cudaMallocAsync(void**, std::size_t, void*);
int cudaFreeAsync(void*, void*);
int cudaMallocManaged(void**, std::size_t, unsigned);
int cudaMallocHost(void**, std::size_t);
int cudaFreeHost(void*);
int cudaMallocPitch(void**, std::size_t*, std::size_t, std::size_t);
int cudaMemGetInfo(std::size_t*, std::size_t*);
int cudaMemcpy(void*, const void*, std::size_t, int);
int cudaMemcpyAsync(void*, const void*, std::size_t, int, void*);
int cudaMemcpy2D(void*, std::size_t, const void*, std::size_t, std::size_t, std::size_t, int);
int cudaMemcpy3D(const caesar::sim::abi::Memcpy3D*);
int cudaMemcpyToSymbol(const void*, const void*, std::size_t, std::size_t, int);
int cudaMemcpyFromSymbol(void*, const void*, std::size_t, std::size_t, int);
int cudaMemset(void*, int, std::size_t);
int cudaMemset2D(void*, std::size_t, int, std::size_t, std::size_t);
int cudaMemsetAsync(void*, int, std::size_t, void*);
int cudaGetSymbolAddress(void**, const void*);
int cudaGetSymbolSize(std::size_t*, const void*);
int cudaPointerGetAttributes(caesar::sim::abi::PointerAttributes*, const void*);
int cudaStreamCreate(void**);
int cudaStreamCreateWithFlags(void**, unsigned);
int cudaStreamDestroy(void*);
int cudaStreamSynchronize(void*);
int cudaStreamQuery(void*);
int cudaStreamWaitEvent(void*, void*, unsigned);
int cudaStreamBeginCapture(void*, int);
int cudaStreamEndCapture(void*, void**);
int cudaStreamIsCapturing(void*, int*);
int cudaEventCreate(void**);
int cudaEventCreateWithFlags(void**, unsigned);
int cudaEventDestroy(void*);
int cudaEventRecord(void*, void*);
int cudaEventSynchronize(void*);
int cudaEventElapsedTime(float*, void*, void*);
int cudaDeviceSynchronize();
int cudaGetDeviceCount(int*);
int cudaSetDevice(int);
int cudaDeviceGetAttribute(int*, int, int);
int cudaGetDeviceProperties(void*, int);
int cudaDeviceSetLimit(int, std::size_t);
int cudaDeviceGetLimit(std::size_t*, int);
int cudaFuncSetAttribute(const void*, int, int);
int cudaFuncGetAttributes(caesar::sim::abi::FuncAttributes*, const void*);
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int*, const void*, int, std::size_t,
                                                           unsigned);
int cudaMallocArray();
int cudaStreamGetCaptureInfo(void*, int*, unsigned long long*, void**, GraphNode* const**,
                             const void**, std::size_t*);
int cudaStreamUpdateCaptureDependencies(void*, GraphNode* const*, const void*, std::size_t,
                                        unsigned);
int cudaStreamBeginCaptureToGraph(void*, void*, GraphNode* const*, const void*, std::size_t, int);
int cudaHostRegister(void*, std::size_t, unsigned);
int cudaHostUnregister(void*);
int cudaHostGetDevicePointer(void**, void*, unsigned);
int cudaMemPoolCreate(void**, const caesar::sim::abi::MemPoolProps*);
int cudaMemPoolDestroy(void*);
int cudaMemPoolGetAttribute(void*, int, void*);
int cudaMemPoolSetAttribute(void*, int, const void*);
int cudaDeviceSetMemPool(int, void*);
int cudaDeviceGetMemPool(void**, int);
int cudaMallocFromPoolAsync(void**, std::size_t, void*, void*);
int cudaMemset3D(caesar::sim::abi::PitchedPointer, int, caesar::sim::abi::Extent);
int cudaMemcpyBatchAsync(void* const*, const void* const*, const std::size_t*, std::size_t, void*,
                         std::size_t*, std::size_t, void*, void*);
int cudaRuntimeGetVersion(int*);
int cudaGetDeviceProperties_v2(void*, int);
int cudaUserObjectCreate(void**, void*, void (*)(void*), unsigned, unsigned);
int cudaUserObjectRelease(void*, unsigned);
int cudaGraphRetainUserObject(void*, void*, unsigned, unsigned);
int cudaGraphClone(void**, void*);
int cudaGraphNodeFindInClone(void**, void*, void*);
int cudaGraphDestroyNode(void*);
int cudaGraphAddChildGraphNode(void**, void*, GraphNode* const*, std::size_t, void*);
int cudaGraphChildGraphNodeGetGraph(void*, void**);
int cudaGraphAddEventRecordNode(void**, void*, GraphNode* const*, std::size_t, void*);
int cudaGraphAddNode(void**, void*, GraphNode* const*, const void*, std::size_t,
                     const caesar::sim::abi::GraphNodeParams*);
int cudaGraphGetEdges(void*, void**, void**, void*, std::size_t*);
int cudaGraphNodeGetDependencies(void*, void**, void*, std::size_t*);
int cudaGraphKernelNodeGetParams(void*, caesar::sim::abi::KernelNodeParams*);
int cudaGraphKernelNodeSetAttribute(void*, int, const caesar::sim::abi::LaunchAttributeValue*);
int cudaGraphExecUpdate(void*, void*, caesar::sim::abi::GraphExecUpdateResultInfo*);
int cudaGraphNodeSetEnabled(void*, void*, unsigned);
int cudaGraphCreate(void**, unsigned);
int cudaGraphDestroy(void*);
int cudaGraphAddKernelNode(void**, void*, GraphNode* const*, std::size_t,
                           const caesar::sim::abi::KernelNodeParams*);
int cudaGraphAddEmptyNode(void**, void*, GraphNode* const*, std::size_t);
int cudaGraphAddHostNode(void**, void*, GraphNode* const*, std::size_t,
                         const caesar::sim::abi::HostNodeParams*);
int cudaGraphAddMemsetNode(void**, void*, GraphNode* const*, std::size_t,
                           const caesar::sim::abi::MemsetParams*);
int cudaGraphAddDependencies(void*, GraphNode* const*, GraphNode* const*, const void*, std::size_t);
int cudaGraphGetNodes(void*, void**, std::size_t*);
int cudaGraphInstantiate(void**, void*, unsigned long long);
int cudaGraphExecKernelNodeSetParams(void*, void*, const caesar::sim::abi::KernelNodeParams*);
int cudaGraphExecDestroy(void*);
int cudaGraphLaunch(void*, void*);
}

namespace caesar::sim::test {

// What the fake saw of a launch.
struct Seen {
  std::string kernel;
  LaunchShape shape;
  std::vector<std::byte> params;
};

// Every test starts with a device that works and nothing seen. The device is the process's own.
class Runtime : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  static Device& device();
  // Host addresses that stand for kernels `add` (parameters: pointer, int), `unknown` (which the
  // decoder refuses) and for variables `table` (16 bytes of device memory) and `shared_value`.
  static const char kAdd, kUnknown, kNobody;
  static char kTable;
  static void* managed_value;

  static int Launch(const char* kernel, void* pointer = nullptr, int number = 0,
                    void* stream = nullptr, unsigned threads = 32, std::size_t shared = 0);
  std::vector<Finding> Findings();
};

extern std::vector<Seen> seen;
// What RunGrid returns, after the grid's body has run.
extern int answer;
extern std::function<void(const Seen&, Arena&, caesar::sim::Findings&)> body;
extern std::string printed;
extern TouchedMemory touched;  // by each grid's only operation

}  // namespace caesar::sim::test
