# What every target of ours is compiled with.
add_library(caesar_settings INTERFACE)
target_compile_options(caesar_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wold-style-cast -Wnon-virtual-dtor -Werror
  -fvisibility=hidden)
target_link_options(caesar_settings INTERFACE -static-libstdc++ -static-libgcc)
if(CAESAR_SANITIZE)
  target_compile_options(caesar_settings INTERFACE
    -fsanitize=${CAESAR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(caesar_settings INTERFACE -fsanitize=${CAESAR_SANITIZE})
  # ThreadSanitizer's runtime does not know std::atomic_thread_fence; g++ 12 warns, and we do not use it.
endif()
