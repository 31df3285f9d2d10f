# What every target of ours is compiled and linked with.

# Each compiler warns of other things. Warnings are errors with the one that continuous integration uses, so that a newer
# compiler on a user's machine never turns a new warning into a failed build.
set(werror OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
  set(werror ON)
endif()
option(CAESAR_WERROR "Warnings are errors" ${werror})

add_library(caesar_settings INTERFACE)
target_compile_options(caesar_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wold-style-cast -Wnon-virtual-dtor
  $<$<BOOL:${CAESAR_WERROR}>:-Werror>
  -fvisibility=hidden)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 finds overlaps in std::string's own operator+ when it optimises (GCC bug 105651).
  target_compile_options(caesar_settings INTERFACE -Wno-restrict)
endif()
if(CAESAR_SANITIZE)
  # The sanitizers' runtimes are shared libraries that intercept __cxa_throw of the shared libstdc++.
  target_compile_options(caesar_settings INTERFACE
    -fsanitize=${CAESAR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # Instrumented code hides from g++ that a std::variant's index guards its content.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)  # fences of simulated kernels, which it does not follow
  target_link_options(caesar_settings INTERFACE -fsanitize=${CAESAR_SANITIZE})
else()
  target_link_options(caesar_settings INTERFACE -static-libstdc++ -static-libgcc)
endif()
