/* Units of enroll_tool/formats: names as RFC 4514 writes them, numbers with a sign, words for faults, memory that is wiped. */
#include "suite.h"

#include <string.h>

#include <garde/status.h>

#include "formats/incoming.h"
#include "formats/pskc_name.h"
#include "formats/wiping.h"

START_TEST(a_name_is_the_same_after_writing_and_reading)
{
    static const char *const users[] = {"alice", "a.b-c_d", "WARD\\alice", "o'brien",     "a,b+c",           "#1",
                                        " lead", "trail ",  "a=b;c<d>e\"", "h\xc3\xb4te", "x@clinic.example"};
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        char text[PSKC_NAME_SIZE], user[USER_SIZE];
        pskc_name_encode(users[i], text);
        ck_assert(pskc_name_decode(text, user));
        ck_assert_str_eq(user, users[i]);
    }
}
END_TEST

START_TEST(the_longest_name_of_special_characters_fits)
{
    char user[USER_SIZE], text[PSKC_NAME_SIZE], again[USER_SIZE];
    memset(user, '+', sizeof user);
    user[USER_SIZE - 1] = '\0';
    pskc_name_encode(user, text);
    ck_assert_uint_lt(strlen(text), sizeof text);
    ck_assert(pskc_name_decode(text, again));
    ck_assert_str_eq(again, user);
}
END_TEST

START_TEST(the_first_part_of_a_name_is_the_user_and_bad_ones_are_none)
{
    static const char *const good[][2] = {
        {"UID=alice,OU=x", "alice"}, {"uid=al\\69ce+CN=y", "alice"}, {"bob", "bob"}, {"CN=bob", "CN=bob"}};
    static const char *const bad[] = {"UID=", "UID=,x", "UID=a\\", "UID=a\\00b"};
    char user[USER_SIZE], lots[2 * USER_SIZE];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert(pskc_name_decode(good[i][0], user));
        ck_assert_str_eq(user, good[i][1]);
    }
    strcpy(user, "as it was");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert(!pskc_name_decode(bad[i], user));
    memset(lots, 'a', sizeof lots);
    lots[sizeof lots - 1] = '\0';
    ck_assert(!pskc_name_decode(lots, user));
    memcpy(lots, "UID=", 4);
    ck_assert(!pskc_name_decode(lots, user));
    ck_assert_str_eq(user, "as it was");
}
END_TEST

START_TEST(a_number_with_a_sign_is_the_whole_text_or_none)
{
    static const char *const bad[] = {"", "-", "--1", "+1", "1x", "- 1", "101", "-101", "99999999999999999999"};
    int64_t number = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(incoming_signed(bad[i], 100, &number), STATUS_INVALID);
    ck_assert_int_eq(number, 7);
    ck_assert_int_eq(incoming_signed("-100", 100, &number), STATUS_OK);
    ck_assert_int_eq(number, -100);
    ck_assert_int_eq(incoming_signed("0", 100, &number), STATUS_OK);
    ck_assert_int_eq(number, 0);
}
END_TEST

START_TEST(every_fault_has_a_word_and_a_sentence_of_its_own)
{
    for (int i = INCOMING_GOOD + 1; i < INCOMING_FAULTS; i++) {
        const char *name = incoming_fault_name((enum incoming_fault)i);
        ck_assert_uint_gt(strlen(name), 0);
        ck_assert_uint_gt(strlen(incoming_fault_text((enum incoming_fault)i)), 0);
        for (int other = INCOMING_GOOD; other < i; other++)
            ck_assert_str_ne(name, incoming_fault_name((enum incoming_fault)other));
    }
    ck_assert_str_eq(incoming_fault_name((enum incoming_fault)INCOMING_FAULTS), "not_of_format");
}
END_TEST

START_TEST(a_block_that_grows_keeps_what_was_in_it)
{
    char *block = wiping_strdup("twelve bytes");
    ck_assert_ptr_nonnull(block);
    block = wiping_realloc(block, 100000);
    ck_assert_str_eq(block, "twelve bytes");
    block = wiping_realloc(block, 7);
    ck_assert_mem_eq(block, "twelve ", 7);
    wiping_free(block);
    wiping_free(NULL);
    block = wiping_realloc(NULL, 5);
    ck_assert_ptr_nonnull(block);
    wiping_free(block);
}
END_TEST

SUITE("formats", a_name_is_the_same_after_writing_and_reading, the_longest_name_of_special_characters_fits,
      the_first_part_of_a_name_is_the_user_and_bad_ones_are_none, a_number_with_a_sign_is_the_whole_text_or_none,
      every_fault_has_a_word_and_a_sentence_of_its_own, a_block_that_grows_keeps_what_was_in_it)
