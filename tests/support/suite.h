/* The main of every Check program: SUITE("name", a_test, another_test) at the end of the file. */
#ifndef GARDE_TESTS_SUITE_H
#define GARDE_TESTS_SUITE_H

#include <check.h>
#include <stddef.h>

/* Check's START_TEST makes `const TTest *name` at file scope. */
#define SUITE(title, ...)                                                                                              \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const TTest *const all[] = {__VA_ARGS__};                                                                      \
        Suite *suite = suite_create(title);                                                                            \
        TCase *tests = tcase_create(title);                                                                            \
        tcase_set_timeout(tests, 50);                                                                                  \
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)                                                        \
            tcase_add_test(tests, all[i]);                                                                             \
        suite_add_tcase(suite, tests);                                                                                 \
        SRunner *runner = srunner_create(suite);                                                                       \
        srunner_run_all(runner, CK_ENV);                                                                               \
        int failed = srunner_ntests_failed(runner);                                                                    \
        srunner_free(runner);                                                                                          \
        return failed == 0 ? 0 : 1;                                                                                    \
    }

#endif
