#include "suite.h"
#include "toolbox.h"

#include <stdio.h>

/* What comes out, as text; "" and OTHER for what is no code. */
struct tidied {
    enum otp_shape shape;
    char text[SECRET_MAX + 1];
};

static struct tidied tidy_bytes(const void *bytes, size_t len)
{
    struct tidied out = {.text = ""};
    secret_owner struct secret *typed = secret_copy(bytes, len);
    secret_owner struct secret *code = NULL;
    ck_assert_int_eq(otp_tidy(typed, &code, &out.shape), STATUS_OK);
    ck_assert_mem_eq(secret_read(typed), bytes, len);
    if (out.shape == OTP_SHAPE_OTHER) {
        ck_assert_uint_eq(secret_len(code), len);
        ck_assert_mem_eq(secret_read(code), bytes, len);
    } else {
        memcpy(out.text, secret_read(code), secret_len(code));
    }
    return out;
}

static struct tidied tidy(const char *text)
{
    return tidy_bytes(text, strlen(text));
}

static void becomes(const char *typed, enum otp_shape shape, const char *text)
{
    struct tidied out = tidy(typed);
    ck_assert_msg(out.shape == shape, "%s: %d", typed, (int)out.shape);
    ck_assert_str_eq(out.text, text);
}

static void is_no_code(const char *typed)
{
    becomes(typed, OTP_SHAPE_OTHER, "");
}

START_TEST(tidy_leaves_six_to_eight_digits_as_they_are)
{
    becomes("123456", OTP_SHAPE_DIGITS, "123456");
    becomes("0000000", OTP_SHAPE_DIGITS, "0000000");
    becomes("98765432", OTP_SHAPE_DIGITS, "98765432");
    is_no_code("12345");
    is_no_code("123456789");
    is_no_code("");
}
END_TEST

START_TEST(tidy_drops_each_kind_of_space_and_dash_wherever_it_stands)
{
    static const char *const blanks[] = {" ",
                                         "\t",
                                         "-",
                                         "\xc2\xa0",     /* no-break space */
                                         "\xe2\x80\x80", /* en quad */
                                         "\xe2\x80\x89", /* thin space */
                                         "\xe2\x80\x8a", /* hair space */
                                         "\xe2\x80\xaf", /* narrow no-break space */
                                         "\xe2\x80\x90", /* hyphen */
                                         "\xe2\x80\x91", /* no-break hyphen */
                                         "\xe2\x80\x93", /* en dash */
                                         "\xe2\x80\x95", /* bar */
                                         "\xe2\x88\x92" /* minus */};
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
        char typed[64];
        const char *blank = blanks[i];
        (void)snprintf(typed, sizeof typed, "123%s456", blank);
        becomes(typed, OTP_SHAPE_DIGITS, "123456");
        (void)snprintf(typed, sizeof typed, "%s%s12345678%s", blank, blank, blank);
        becomes(typed, OTP_SHAPE_DIGITS, "12345678");
        (void)snprintf(typed, sizeof typed, "ABCDE%sFGHJK%sMNPQR", blank, blank);
        becomes(typed, OTP_SHAPE_RECOVERY, "ABCDEFGHJKMNPQR");
    }
}
END_TEST

START_TEST(tidy_keeps_neighbours_of_the_blanks_and_halves_of_them)
{
    static const char *const kept[] = {".",
                                       ",",
                                       "_",
                                       "\n",
                                       "\xc2\xa1",
                                       "\xc2",
                                       "\xa0",
                                       "\r",
                                       "\xe2\x80",
                                       "\v",
                                       "+",
                                       "\xe2\x80\x8b",
                                       "\xe2\x80\x8f",
                                       "\xe2\x80\x96",
                                       "/",
                                       "\xe2\x88",
                                       "\x92\x88\xe2",
                                       "\xc2-\xa0",
                                       "\xe2\x80\xb0",
                                       "\xe2\x88\x91",
                                       ":",
                                       "\xef\xbc\x91" /* a full-width 1 */,
                                       "\xe2\x81\xaf"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char typed[64];
        (void)snprintf(typed, sizeof typed, "123%s456", kept[i]);
        is_no_code(typed);
    }
}
END_TEST

START_TEST(tidy_reads_a_recovery_code_in_either_case_with_o_i_and_l_as_meant)
{
    becomes("0123456789ABCDE", OTP_SHAPE_RECOVERY, "0123456789ABCDE");
    becomes("fghjk-mnpqr-stvwx", OTP_SHAPE_RECOVERY, "FGHJKMNPQRSTVWX");
    becomes("yz000 00000 00000", OTP_SHAPE_RECOVERY, "YZ0000000000000");
    becomes("OoIiL-lOoIi-Ll0OI", OTP_SHAPE_RECOVERY, "001111001111001");
    is_no_code("ABCDE-FGHJK-MNPQU");
    is_no_code("abcde-fghjk-mnpqu");
    is_no_code("ABCDE-FGHJK-MNPQ");
    is_no_code("ABCDE-FGHJK-MNPQRS");
    is_no_code("ABCDE-FGHJK-MNP\xc3\x89");
}
END_TEST

START_TEST(tidy_takes_fifteen_digits_for_a_recovery_code_and_letters_for_no_other)
{
    becomes("12345-67890-12345", OTP_SHAPE_RECOVERY, "123456789012345");
    is_no_code("12345O");
    is_no_code("l23456");
}
END_TEST

START_TEST(tidy_takes_exactly_the_characters_of_crockfords_alphabet)
{
    static const char taken[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyzOoIiLl";
    for (unsigned c = 0; c < 256; c++) {
        uint8_t typed[RECOVERY_CODE_LEN];
        memset(typed, 'A', sizeof typed);
        typed[7] = (uint8_t)c;
        bool is_taken = c != 0 && strchr(taken, (int)c) != NULL;
        struct tidied out = tidy_bytes(typed, sizeof typed);
        ck_assert_int_eq(out.shape, is_taken ? OTP_SHAPE_RECOVERY : OTP_SHAPE_OTHER);
        memset(typed, '7', 6);
        typed[3] = (uint8_t)c;
        out = tidy_bytes(typed, 6);
        ck_assert_int_eq(out.shape, c >= '0' && c <= '9' ? OTP_SHAPE_DIGITS : OTP_SHAPE_OTHER);
    }
}
END_TEST

START_TEST(tidy_leaves_alone_what_is_longer_than_any_code)
{
    char typed[OTP_TYPED_MAX + 2] = "";
    memset(typed, ' ', OTP_TYPED_MAX);
    memcpy(typed, "123456", 6);
    becomes(typed, OTP_SHAPE_DIGITS, "123456");
    typed[OTP_TYPED_MAX] = ' ';
    is_no_code(typed);

    static uint8_t long_text[SECRET_MAX];
    memset(long_text, '7', sizeof long_text);
    ck_assert_int_eq(tidy_bytes(long_text, sizeof long_text).shape, OTP_SHAPE_OTHER);
}
END_TEST

START_TEST(tidy_changes_nothing_the_second_time)
{
    static const char *const pieces[] = {"0", "1", "7", "A", "z", "O",   "l", "u", " ", "-", "\xc2\xa0", "\xe2\x80\x89",
                                         "x", "9", "-", "K", "3", "\xe2"};
    uint64_t state = 11;
    unsigned shapes[3] = {0, 0, 0};
    for (int round = 0; round < 3000; round++) {
        char typed[80] = "";
        size_t want = 4 + next_below(&state, 14);
        size_t among = next_below(&state, 2) == 0 ? 3 : sizeof pieces / sizeof pieces[0] - next_below(&state, 2);
        for (size_t i = 0; i < want; i++)
            strcat(typed, pieces[next_below(&state, among)]);
        struct tidied once = tidy(typed);
        shapes[once.shape]++;
        if (once.shape != OTP_SHAPE_OTHER)
            becomes(once.text, once.shape, once.text);
    }
    ck_assert_uint_gt(shapes[OTP_SHAPE_DIGITS], 100);
    ck_assert_uint_gt(shapes[OTP_SHAPE_RECOVERY], 100);
    ck_assert_uint_gt(shapes[OTP_SHAPE_OTHER], 100);
}
END_TEST

SUITE("tidy", tidy_leaves_six_to_eight_digits_as_they_are, tidy_drops_each_kind_of_space_and_dash_wherever_it_stands,
      tidy_keeps_neighbours_of_the_blanks_and_halves_of_them,
      tidy_reads_a_recovery_code_in_either_case_with_o_i_and_l_as_meant,
      tidy_takes_fifteen_digits_for_a_recovery_code_and_letters_for_no_other,
      tidy_takes_exactly_the_characters_of_crockfords_alphabet, tidy_leaves_alone_what_is_longer_than_any_code,
      tidy_changes_nothing_the_second_time)
