#include "suite.h"

#include "colour.h"

START_TEST(colours_suit_a_terminal_that_has_them_and_nothing_else)
{
    ck_assert(colour_suits(true, NULL, "xterm-256color"));
    ck_assert(!colour_suits(false, NULL, "xterm-256color"));
    ck_assert(!colour_suits(true, NULL, "dumb"));
    ck_assert(!colour_suits(true, NULL, ""));
    ck_assert(!colour_suits(true, NULL, NULL));
}
END_TEST

START_TEST(no_color_counts_when_it_is_not_empty)
{
    ck_assert(!colour_suits(true, "1", "xterm"));
    ck_assert(!colour_suits(true, "0", "xterm"));
    ck_assert(colour_suits(true, "", "xterm"));
}
END_TEST

SUITE("colour", colours_suit_a_terminal_that_has_them_and_nothing_else, no_color_counts_when_it_is_not_empty)
