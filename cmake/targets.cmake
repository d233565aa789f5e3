# garde_component(NAME DEPENDS ...): one folder of core/, one static library garde_NAME.
function(garde_component name)
    cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c)
    if(NOT sources)
        return()
    endif()
    add_library(garde_${name} STATIC ${sources})
    target_include_directories(garde_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(garde_${name} PUBLIC ${arg_DEPENDS})
endfunction()

# garde_unit_tests(FOLDER LINK ...): every test_*.c of a folder below tests/ is a program with Check and a ctest
# named after its path, label "unit"; and once more under valgrind, label "valgrind", where there is one and no sanitizer.
find_program(GARDE_VALGRIND valgrind)
function(garde_unit_tests folder)
    cmake_parse_arguments(arg "" "" "LINK;INCLUDE" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/test_*.c)
    foreach(source ${sources})
        get_filename_component(base ${source} NAME_WE)
        string(REPLACE "/" "." prefix ${folder})
        set(test ${prefix}.${base})
        add_executable(${test} ${source} ${PROJECT_SOURCE_DIR}/tests/support/left_behind.c)
        target_link_options(${test} PRIVATE -Wl,--wrap=mkdtemp -Wl,--wrap=mkstemp)
        target_include_directories(${test} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support ${arg_INCLUDE})
        target_link_libraries(${test} PRIVATE ${arg_LINK} PkgConfig::CHECK Threads::Threads)
        add_test(NAME ${test} COMMAND ${test})
        set_tests_properties(${test} PROPERTIES LABELS unit TIMEOUT 60)
        if(GARDE_VALGRIND AND NOT GARDE_SANITIZE)
            add_test(NAME valgrind.${test} COMMAND ${GARDE_VALGRIND} --quiet --error-exitcode=9 --leak-check=full
                --errors-for-leak-kinds=definite,indirect $<TARGET_FILE:${test}>)
            set_tests_properties(valgrind.${test} PROPERTIES LABELS valgrind TIMEOUT 300
                ENVIRONMENT "CK_TIMEOUT_MULTIPLIER=10")
        endif()
    endforeach()
endfunction()

# garde_python_tests(LABEL): every test_*.py of this folder is a ctest LABEL.test_NAME; 77 means skipped.
function(garde_python_tests label)
    cmake_parse_arguments(arg "" "TIMEOUT" "" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test_*.py)
    foreach(source ${sources})
        get_filename_component(base ${source} NAME_WE)
        add_test(NAME ${label}.${base} COMMAND /usr/bin/python3 -B ${source})
        set_tests_properties(${label}.${base} PROPERTIES LABELS ${label} TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
            ENVIRONMENT "GARDE_BUILD=${PROJECT_BINARY_DIR};GARDE_SOURCE=${PROJECT_SOURCE_DIR};PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support")
    endforeach()
endfunction()
