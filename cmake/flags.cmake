# Warnings and hardening for every target of the project.
option(GARDE_WERROR "warnings are errors" OFF)
option(GARDE_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(GARDE_FUZZ "what libFuzzer needs, and clang's coverage by line; clang only, with GARDE_SANITIZE" OFF)
option(GARDE_COVERAGE "counts lines and branches for gcov; gcc only, with the build type Debug" OFF)

add_compile_definitions(_GNU_SOURCE GARDE_VERSION="${PROJECT_VERSION}")
add_compile_options(
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2
    -Wswitch-enum -Wimplicit-fallthrough -Wno-missing-field-initializers
    -fno-strict-aliasing -fno-common -fvisibility=hidden)
if(GARDE_WERROR)
    add_compile_options(-Werror)
endif()

if(GARDE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
if(GARDE_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
else()
    add_compile_options(-fstack-protector-strong -fstack-clash-protection)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i.86")
        add_compile_options(-fcf-protection)
    endif()
    if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endif()
    add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
endif()

# Counts are kept right with threads, and written by processes that end with _exit, too.
if(GARDE_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage -Wl,--wrap=_exit -Wl,-u,__wrap__exit)
    add_library(garde_counts STATIC ${PROJECT_SOURCE_DIR}/tests/support/counts.c)
    link_libraries(garde_counts)
endif()
