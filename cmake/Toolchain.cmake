# Warnings, hardening, sanitizers, linker and compiler cache: one interface target that every target of ours links.
add_library(mcp_toolchain INTERFACE)

target_compile_options(mcp_toolchain INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough -Wunused -Woverloaded-virtual -fno-omit-frame-pointer -fstack-protector-strong)
target_include_directories(mcp_toolchain INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(MCP_SANITIZE)
  target_compile_options(mcp_toolchain INTERFACE -fsanitize=${MCP_SANITIZE} -fno-sanitize-recover=all -O1 -gline-tables-only)
  target_link_options(mcp_toolchain INTERFACE -fsanitize=${MCP_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(mcp_toolchain INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection)
  target_link_options(mcp_toolchain INTERFACE -Wl,-z,relro,-z,now -pie)
endif()
if(MCP_FUZZ)
  target_compile_options(mcp_toolchain INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(MCP_LLD NAMES ld.lld-19 ld.lld)
if(MCP_LLD)
  target_link_options(mcp_toolchain INTERFACE -fuse-ld=${MCP_LLD})
endif()

# ccache: precompiled headers need the two kinds of sloppiness and clang's -fno-pch-timestamp.
find_program(MCP_CCACHE ccache)
if(MCP_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MCP_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(mcp_toolchain INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
