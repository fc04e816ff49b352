# How every room makes its targets: the same warnings, the same sanitizers, tests beside the code.
find_program(STEIGER_CCACHE ccache)
if(STEIGER_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${STEIGER_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STEIGER_CCACHE})
endif()

# Flags that all of our own targets share.
add_library(steiger_flags INTERFACE)
target_include_directories(steiger_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(steiger_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(STEIGER_SANITIZE)
  add_compile_options(-fsanitize=${STEIGER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${STEIGER_SANITIZE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND STEIGER_SANITIZE MATCHES "thread")
  target_compile_options(steiger_flags INTERFACE -Wno-tsan) # Asio's fences: g++ 12 only notes that it cannot model them
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 with -O2 sees overflows in std::vector::insert that are not there (GCC bug 105562 and its family). The sanitizer
  # build and clang look at the same lines without these false alarms.
  target_compile_options(steiger_flags INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict
    -Wno-maybe-uninitialized) # the last one: moves of std::variant and std::optional (GCC bug 80635)
endif()

if(EMSCRIPTEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE OFF) # one static module; -fPIC only makes wasm larger
  include(WasmSodium)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
  add_library(steiger_sodium INTERFACE)
  target_link_libraries(steiger_sodium INTERFACE PkgConfig::sodium)
endif()

if(STEIGER_TESTS AND NOT EMSCRIPTEN)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# steiger_library(NAME SOURCES... LINK TARGETS...): a static library of one room. Without sources: header-only.
function(steiger_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC steiger_flags ${ARG_LINK})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE steiger_flags ${ARG_LINK})
  endif()
endfunction()

# steiger_test(NAME [THREADED] SOURCES... LINK TARGETS...): one GoogleTest binary for a room's *_test.cpp files.
# THREADED: it starts threads, so that it also runs under ThreadSanitizer (`deploy/dev tsan`).
# RELEASE: it looks at the programs that ship, so that it exists in the release build only; there all other tests are built by
# name only, because the sanitizer build runs them.
add_custom_target(threaded_tests)
function(steiger_test name)
  if(NOT STEIGER_TESTS OR EMSCRIPTEN)
    return()
  endif()
  cmake_parse_arguments(ARG "THREADED;RELEASE" "" "SOURCES;LINK" ${ARGN})
  set(is_release FALSE)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(is_release TRUE)
  endif()
  if(ARG_RELEASE AND NOT is_release)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set(labels)
  if(ARG_THREADED)
    add_dependencies(threaded_tests ${name})
    set(labels LABELS threads)
  elseif(ARG_RELEASE)
    set(labels LABELS release)
  endif()
  if(is_release AND NOT ARG_RELEASE)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL TRUE)
  endif()
  target_link_libraries(${name} PRIVATE steiger_flags ${ARG_LINK} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 ${labels} ENVIRONMENT "STEIGER_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()

# steiger_fuzzer(NAME SOURCE LINK TARGETS...): one libFuzzer binary per decoder, in bin/fuzz.
add_custom_target(fuzzers)
function(steiger_fuzzer name source)
  if(NOT STEIGER_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${source})
  add_dependencies(fuzzers ${name})
  target_link_libraries(${name} PRIVATE steiger_flags ${ARG_LINK})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/fuzz)
endfunction()

# Every generated header, for tools that read the sources without building them (clang-tidy).
add_custom_target(generated_headers)

# steiger_schema(TARGET [REFLECT] FILE.fbs...): C++ from FlatBuffers schemas; include as "<folder of the schema>/<name>_generated.h".
# REFLECT adds tables with the names of types and fields, from which JSON is written without a line per type.
function(steiger_schema target)
  cmake_parse_arguments(ARG "REFLECT" "" "" ${ARGN})
  set(reflect)
  if(ARG_REFLECT)
    set(reflect --reflect-names)
  endif()
  find_program(STEIGER_FLATC flatc REQUIRED)
  set(headers)
  foreach(schema ${ARG_UNPARSED_ARGUMENTS})
    get_filename_component(name ${schema} NAME_WE)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    set(out ${CMAKE_BINARY_DIR}/generated/${folder})
    add_custom_command(OUTPUT ${out}/${name}_generated.h
      COMMAND ${STEIGER_FLATC} --cpp --cpp-std c++17 --scoped-enums --gen-object-api --warnings-as-errors ${reflect}
              -I ${CMAKE_SOURCE_DIR} -o ${out} ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
      DEPENDS ${schema} VERBATIM)
    list(APPEND headers ${out}/${name}_generated.h)
  endforeach()
  add_custom_target(${target}_headers DEPENDS ${headers})
  add_dependencies(generated_headers ${target}_headers)
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_headers)
  target_link_libraries(${target} INTERFACE steiger_flags)
  if(EMSCRIPTEN)
    target_include_directories(${target} SYSTEM INTERFACE ${STEIGER_FLATBUFFERS_INCLUDE})
  endif()
endfunction()
