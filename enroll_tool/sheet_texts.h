/* The sheet's texts in both languages, compiled in.
 *
 * In a text, {digits} {seconds} {until} {help} {user} stand for what the sheet says there, and *this* is strong. Blanks of French typography are
 * written out: U+00A0 before a colon and inside of guillemets, U+202F before ? ! ;
 */
#ifndef GARDE_TOOL_SHEET_TEXTS_H
#define GARDE_TOOL_SHEET_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include <garde/account.h>

enum sheet_text {
    SHEET_LANGUAGE, /* the tag of the language */
    SHEET_TITLE,
    SHEET_PERSONAL,
    SHEET_HEADING,
    SHEET_HEADING_TOKEN,
    SHEET_LEAD,
    SHEET_LEAD_TOKEN,

    SHEET_USER,
    SHEET_DEVICE,
    SHEET_MADE,
    SHEET_BEFORE,
    SHEET_VALID_FROM,
    SHEET_VALID_UNTIL,

    SHEET_STEPS,
    SHEET_APP,
    SHEET_APP_TEXT,
    SHEET_APP_PICTURE,
    SHEET_SCAN,
    SHEET_SCAN_TEXT,
    SHEET_SCAN_PICTURE,
    SHEET_LOGIN,
    SHEET_LOGIN_TEXT,
    SHEET_LOGIN_TEXT_COUNTER,
    SHEET_LOGIN_PICTURE,
    SHEET_TOKEN,
    SHEET_TOKEN_TEXT,
    SHEET_TOKEN_PICTURE,
    SHEET_PRESS,
    SHEET_PRESS_TEXT,
    SHEET_PRESS_PICTURE,
    SHEET_LOGIN_TEXT_TOKEN,
    SHEET_LOGIN_TOKEN_PICTURE,

    SHEET_QR,
    SHEET_QR_PICTURE,
    SHEET_KEY,
    SHEET_KEY_TEXT,
    SHEET_KEY_KEY,
    SHEET_KEY_TYPE,
    SHEET_KEY_BY_TIME,
    SHEET_KEY_BY_COUNTER,
    SHEET_KEY_ALGORITHM,
    SHEET_KEY_DIGITS,
    SHEET_KEY_PERIOD,
    SHEET_KEY_COUNTER,

    SHEET_TEST,
    SHEET_TEST_TEXT,
    SHEET_TEST_REFUSED,
    SHEET_TEST_REFUSED_COUNTER,
    SHEET_LOST,
    SHEET_LOST_TOKEN,
    SHEET_LOST_TEXT,
    SHEET_LOST_TEXT_TOKEN,
    SHEET_NEVER,
    SHEET_NEVER_TELL,
    SHEET_NEVER_ELSEWHERE,
    SHEET_NEVER_KEEP,
    SHEET_NEVER_LEND,
    SHEET_HELP,
    SHEET_HELP_WORDS, /* who helps, inside of a sentence */

    SHEET_SIX,
    SHEET_SEVEN,
    SHEET_EIGHT,
    SHEET_TEXTS,
};

/* Never NULL. */
const char *sheet_text(enum language language, enum sheet_text which);

#define SHEET_MOMENT_SIZE 64
/* A day, "27 novembre 2026", and with the minute, "27 novembre 2026 à 21 h 30", in local time. "?": what no calendar holds. Returns out. */
const char *sheet_day(enum language language, int64_t s, char out[SHEET_MOMENT_SIZE]);
const char *sheet_minute(enum language language, int64_t s, char out[SHEET_MOMENT_SIZE]);

#endif
