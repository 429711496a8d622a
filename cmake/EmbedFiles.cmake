# mcp_embed_files(<target> <folder>): compiles the folder's files into the target, as http::embedded_files().
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(mcp_embed_files target folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  set(tool ${CMAKE_SOURCE_DIR}/tools/embed_files.py)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_files.cpp)
  add_custom_command(OUTPUT ${output} COMMAND Python3::Interpreter ${tool} ${folder} ${output}
                     DEPENDS ${tool} ${files} VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
