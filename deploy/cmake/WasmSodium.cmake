# libsodium for wasm: Debian's source compiled file by file with emcc (12 s instead of 80 s through autotools).
# Gives the target steiger_sodium, as pkg-config does for native builds.
set(sodium_root ${CMAKE_BINARY_DIR}/libsodium/source/src/libsodium)
if(NOT EXISTS ${sodium_root}/sodium/version.c)
  message(STATUS "Fetching Debian's source of libsodium")
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/fetch-libsodium ${CMAKE_BINARY_DIR}/libsodium
    OUTPUT_VARIABLE fetch_output ERROR_VARIABLE fetch_output RESULT_VARIABLE fetch_result)
  if(NOT fetch_result EQUAL 0)
    message(FATAL_ERROR "Could not fetch libsodium's source (deploy/install-deps web installs what it needs):\n${fetch_output}")
  endif()
endif()

# What configure would write into version.h; the numbers are libsodium 1.0.18's own (library version 10.3).
set(VERSION 1.0.18)
set(SODIUM_LIBRARY_VERSION_MAJOR 10)
set(SODIUM_LIBRARY_VERSION_MINOR 3)
set(SODIUM_LIBRARY_MINIMAL_DEF "")
configure_file(${sodium_root}/include/sodium/version.h.in ${sodium_root}/include/sodium/version.h @ONLY)

file(GLOB_RECURSE sodium_sources ${sodium_root}/*.c)
add_library(steiger_sodium_wasm STATIC ${sodium_sources})
target_include_directories(steiger_sodium_wasm SYSTEM PUBLIC ${sodium_root}/include)
target_include_directories(steiger_sodium_wasm PRIVATE ${sodium_root}/include/sodium)
target_compile_definitions(steiger_sodium_wasm PRIVATE CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1 HAVE_WEAK_SYMBOLS=1)
target_compile_options(steiger_sodium_wasm PRIVATE -w) # not our code: its warnings are upstream's
add_library(steiger_sodium INTERFACE)
target_link_libraries(steiger_sodium INTERFACE steiger_sodium_wasm)

# FlatBuffers is header-only. Only its own folder is shown to emcc: all of /usr/include would shadow emscripten's libc.
find_path(STEIGER_FLATBUFFERS_SYSTEM flatbuffers/flatbuffers.h PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
set(STEIGER_FLATBUFFERS_INCLUDE ${CMAKE_BINARY_DIR}/flatbuffers)
file(MAKE_DIRECTORY ${STEIGER_FLATBUFFERS_INCLUDE})
file(CREATE_LINK ${STEIGER_FLATBUFFERS_SYSTEM}/flatbuffers ${STEIGER_FLATBUFFERS_INCLUDE}/flatbuffers SYMBOLIC)
