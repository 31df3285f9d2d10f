# Compiles through ccache where there is one; nothing needs it.
find_program(CAESAR_CCACHE ccache)
if(CAESAR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CAESAR_CCACHE}")
endif()
