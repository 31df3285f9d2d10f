# caesar_sim_executors(TARGET a_exec.cpp ...): compiles each source twice into TARGET, for the namespaces avx2 and
# portable; see src/sim/isa.h. No contraction into fma that the text does not ask for.
function(caesar_sim_executors target)
  foreach(isa avx2 portable)
    add_library(${target}_${isa} OBJECT ${ARGN})
    target_include_directories(${target}_${isa} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(${target}_${isa} PRIVATE caesar_settings)
    string(COMPARE EQUAL ${isa} avx2 is_avx2)
    target_compile_definitions(${target}_${isa} PRIVATE CAESAR_SIM_ISA=${isa} CAESAR_SIM_ISA_IS_AVX2=$<BOOL:${is_avx2}>)
    target_compile_options(${target}_${isa} PRIVATE -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math)
    if(is_avx2 AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      # It has no pragma as isa_begin.h needs it; good enough for fuzzing, where the machine has AVX2.
      target_compile_options(${target}_${isa} PRIVATE -mavx2 -mfma -mf16c -mbmi -mbmi2 -mpopcnt -mlzcnt)
    endif()
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${isa}>)
  endforeach()
endfunction()
