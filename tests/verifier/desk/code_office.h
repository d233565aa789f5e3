/* An office where recovery and help-desk codes are given and typed. */
#ifndef GARDE_TESTS_CODE_OFFICE_H
#define GARDE_TESTS_CODE_OFFICE_H

#include "office.h"

#include <stdio.h>

#define DESK   "ip:192.0.2.7"
#define HOUR   3600
#define FIRST  "0123456789ABCDE"
#define SECOND "FGHJKMNPQRSTVWX"
#define TEN                                                                                                            \
    FIRST SECOND "000000000000002"                                                                                     \
                 "000000000000003"                                                                                     \
                 "000000000000004"                                                                                     \
                 "000000000000005"                                                                                     \
                 "000000000000006"                                                                                     \
                 "000000000000007"                                                                                     \
                 "000000000000008"                                                                                     \
                 "000000000000009"
#define OTHER_TEN                                                                                                      \
    "ZZZZZZZZZZZZZZ0ZZZZZZZZZZZZZZ1ZZZZZZZZZZZZZZ2ZZZZZZZZZZZZZZ3ZZZZZZZZZZZZZZ4"                                      \
    "ZZZZZZZZZZZZZZ5ZZZZZZZZZZZZZZ6ZZZZZZZZZZZZZZ7ZZZZZZZZZZZZZZ8ZZZZZZZZZZZZZZ9"
#define HELP "00420815"
#define WHY  "phone at home"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

static inline void open_with_alice(void)
{
    office_open(&office);
    office_give(&office, alice);
    office.now_s += 60;
}

/* Everything holds at the end of each test. */
static inline void close_sound(void)
{
    struct problem problem;
    ck_assert_int_eq(desk_examine(office.desk, office.store, &problem), STATUS_OK);
    office_close(&office);
}

static inline enum reason type_code(const char *user, const char *text)
{
    return office_log_in(&office, user, DESK, office_typed(text));
}

static inline struct wire_result give_ten(const char *user, const char *codes)
{
    return office_ask(&office, office_recovery(user, codes));
}

static inline struct wire_result give_help(const char *user, const char *code, int64_t for_s, uint32_t uses)
{
    return office_ask(&office, office_tempcode(user, code, for_s, uses, WHY));
}

static inline enum wire_result_code change(enum wire_change_kind kind, const char *user, int64_t id)
{
    return office_ask(&office, office_change(kind, user, id)).code;
}

static inline struct wire_factor row_of(const char *user, int64_t id)
{
    return office_row(&office, user, id);
}

#endif
