# caesar_embed(TARGET FUNCTION FOLDER FILE...): compiles the files (relative to FOLDER, absolute path) into TARGET and
# defines `std::span<const caesar::EmbeddedFile> caesar::FUNCTION()` over them, sorted by path.
function(caesar_embed target function folder)
  set(files ${ARGN})
  list(SORT files)
  set(assembly ".section .rodata\n")
  set(externs "")
  set(rows "")
  set(depends "")
  set(index 0)
  foreach(file IN LISTS files)
    set(symbol "caesar_embedded_${function}_${index}")
    string(APPEND assembly
      ".global ${symbol}\n.global ${symbol}_end\n${symbol}:\n.incbin \"${folder}/${file}\"\n${symbol}_end:\n.byte 0\n")
    string(APPEND externs "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND rows "      {\"${file}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    list(APPEND depends "${folder}/${file}")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
  set(base "${CMAKE_CURRENT_BINARY_DIR}/${function}")
  file(CONFIGURE OUTPUT "${base}.S" CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT "${base}.cpp" CONTENT
"#include <cstddef>
#include <span>

#include \"base/embedded.h\"

${externs}
namespace caesar {
std::span<const EmbeddedFile> ${function}();
std::span<const EmbeddedFile> ${function}() {
  static const EmbeddedFile files[] = {
${rows}  };
  return files;
}
}  // namespace caesar
" @ONLY)
  set_source_files_properties("${base}.S" PROPERTIES OBJECT_DEPENDS "${depends}")
  target_sources(${target} PRIVATE "${base}.S" "${base}.cpp")
endfunction()
