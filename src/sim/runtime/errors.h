// Every CUDA runtime error by number: its name and text, as cudaGetErrorName and cudaGetErrorString
// of CUDA 13 give them.
#pragma once

#include <string>

namespace caesar::sim {

struct CudaErrorText {
  const char* name;
  const char* text;
};

// "unrecognized error code" for both where there is no such error.
CudaErrorText TextOfCudaError(int error);

// "cudaErrorIllegalAddress: an illegal memory access was encountered".
std::string DescribeCudaError(int error);

}  // namespace caesar::sim
