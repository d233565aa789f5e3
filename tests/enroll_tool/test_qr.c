#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qr.h"

static const char uri[] = "otpauth://totp/garde:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=garde";

static struct qr *symbol(void)
{
    secret_owner struct secret *text = secret_copy(uri, sizeof uri - 1);
    struct qr *qr = NULL;
    ck_assert_int_eq(qr_new(text, &qr), STATUS_OK);
    return qr;
}

START_TEST(qr_has_a_quiet_zone_of_four_modules_and_its_finders)
{
    qr_owner struct qr *qr = symbol();
    unsigned side = qr_side(qr);
    for (unsigned y = 0; y < side; y++)
        for (unsigned x = 0; x < side; x++)
            if (x < 4 || y < 4 || x >= side - 4 || y >= side - 4)
                ck_assert(!qr_is_dark(qr, x, y));
    for (unsigned i = 0; i < 7; i++) {
        ck_assert(qr_is_dark(qr, 4 + i, 4));
        ck_assert(qr_is_dark(qr, side - 5 - i, 4));
        ck_assert(qr_is_dark(qr, 4, side - 5 - i));
    }
    ck_assert(!qr_is_dark(qr, side, side));
}
END_TEST

START_TEST(qr_of_a_usual_uri_fits_eighty_columns_and_a_small_terminal)
{
    qr_owner struct qr *qr = symbol();
    ck_assert_uint_le(qr_side(qr), 80);
    ck_assert_uint_le((qr_side(qr) + 1) / 2, 23);
}
END_TEST

START_TEST(qr_refuses_what_no_symbol_holds)
{
    secret_owner struct secret *none = secret_new(0);
    secret_owner struct secret *most = secret_new(SECRET_MAX);
    struct qr *qr = NULL;
    memset(secret_fill(most), 'a', SECRET_MAX);
    ck_assert_int_eq(qr_new(none, &qr), STATUS_INVALID);
    ck_assert_int_eq(qr_new(most, &qr), STATUS_INVALID);
    ck_assert_ptr_null(qr);
}
END_TEST

START_TEST(qr_of_the_largest_size_still_has_all_its_modules)
{
    secret_owner struct secret *text = secret_new(2300);
    struct qr *qr = NULL;
    memset(secret_fill(text), 'a', 2300);
    ck_assert_int_eq(qr_new(text, &qr), STATUS_OK);
    ck_assert_uint_eq(qr_side(qr), 177 + 8);
    ck_assert(qr_is_dark(qr, 4, 4 + 176));
    qr_free(qr);
}
END_TEST

START_TEST(sink_keeps_the_first_failure_and_says_it)
{
    int pipes[2];
    struct sink sink;
    char bytes[10000];
    memset(bytes, 'x', sizeof bytes);
    ck_assert_int_eq(pipe(pipes), 0);
    sink_open(&sink, pipes[1]);
    sink_put(&sink, bytes, sizeof bytes);
    sink_number(&sink, 42);
    ck_assert_int_eq(sink_close(&sink), STATUS_OK);
    ck_assert_int_eq(read(pipes[0], bytes, sizeof bytes), sizeof bytes);
    ck_assert_int_eq(read(pipes[0], bytes, sizeof bytes), 2);
    ck_assert_mem_eq(bytes, "42", 2);

    sink_open(&sink, pipes[0]); /* not for writing */
    sink_text(&sink, "x");
    ck_assert_int_eq(sink_close(&sink), STATUS_FAILED);
    ck_assert_int_eq(close(pipes[0]) + close(pipes[1]), 0);
}
END_TEST

SUITE("qr", qr_has_a_quiet_zone_of_four_modules_and_its_finders,
      qr_of_a_usual_uri_fits_eighty_columns_and_a_small_terminal, qr_refuses_what_no_symbol_holds,
      qr_of_the_largest_size_still_has_all_its_modules, sink_keeps_the_first_failure_and_says_it)
