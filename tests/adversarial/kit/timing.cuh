// What `work` takes on the device until all of `stream` is done.
template <class Work>
static double timed_on(cudaStream_t stream, Work work) {
  static cudaEvent_t begin = [] { cudaEvent_t made; cudaEventCreate(&made); return made; }();
  static cudaEvent_t end = [] { cudaEvent_t made; cudaEventCreate(&made); return made; }();
  cudaEventRecord(begin, stream);
  work();
  cudaEventRecord(end, stream);
  cudaStreamSynchronize(stream);
  float ms = 0;
  cudaEventElapsedTime(&ms, begin, end);
  return ms * 1000;
}
