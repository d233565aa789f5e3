#include "suite.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <garde/wire.h>

#include "messages.h"

static struct secret *encoded(const struct wire_message *message)
{
    struct secret *packet = secret_new(WIRE_PACKET_MAX);
    ck_assert_ptr_nonnull(packet);
    ck_assert_int_eq(wire_encode(message, packet), STATUS_OK);
    return packet;
}

/* The decoder on bytes that end where readable memory ends: one read too many and the test dies. */
static enum status decode_exact(const void *bytes, size_t len, struct wire_message *out_message)
{
    static uint8_t *guard; /* the unreadable page, behind a readable one */
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (guard == NULL) {
        uint8_t *both = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert(both != MAP_FAILED);
        guard = both + page;
        ck_assert_int_eq(mprotect(guard, page, PROT_NONE), 0);
    }
    ck_assert_uint_le(len, page);
    memcpy(guard - len, bytes, len);
    return wire_decode(guard - len, len, out_message);
}

static enum status decode_bytes(const char *bytes, size_t len)
{
    wire_owner struct wire_message message = {0};
    return decode_exact(bytes, len, &message);
}
#define DECODE(literal) decode_bytes(literal, sizeof(literal) - 1)

START_TEST(every_type_comes_back_as_it_was_with_extreme_values)
{
    struct wire_message all[MESSAGES];
    messages_make(all);
    for (size_t i = 0; i < MESSAGES; i++) {
        secret_owner struct secret *packet = encoded(&all[i]);
        wire_owner struct wire_message back = {0};
        ck_assert_int_eq(decode_exact(secret_read(packet), secret_len(packet), &back), STATUS_OK);
        ck_assert_int_eq(back.type, all[i].type);
        secret_owner struct secret *again = encoded(&back);
        ck_assert_uint_eq(secret_len(again), secret_len(packet));
        ck_assert_mem_eq(secret_read(again), secret_read(packet), secret_len(packet));
    }
    messages_wipe(all);
}
END_TEST

START_TEST(the_members_come_back_and_not_only_the_packet)
{
    struct wire_message all[MESSAGES];
    messages_make(all);
    wire_owner struct wire_message ask = {0}, enrol = {0}, entry = {0};
    secret_owner struct secret *packet = encoded(&all[0]);
    ck_assert_int_eq(wire_decode(secret_read(packet), secret_len(packet), &ask), STATUS_OK);
    ck_assert_mem_eq(&ask.ask, &all[0].ask, sizeof ask.ask);

    secret_owner struct secret *second = encoded(&all[6]);
    ck_assert_int_eq(wire_decode(secret_read(second), secret_len(second), &enrol), STATUS_OK);
    ck_assert_str_eq(enrol.enrol.actor.sudo_user, all[6].enrol.actor.sudo_user);
    ck_assert(enrol.enrol.counter == UINT64_MAX);
    ck_assert_int_eq(enrol.enrol.algorithm, ALGORITHM_SHA512);
    ck_assert_uint_eq(secret_len(enrol.enrol.secret), FACTOR_SECRET_MAX);
    ck_assert_mem_eq(secret_read(enrol.enrol.secret), secret_read(all[6].enrol.secret), FACTOR_SECRET_MAX);

    secret_owner struct secret *third = encoded(&all[17]);
    ck_assert_int_eq(wire_decode(secret_read(third), secret_len(third), &entry), STATUS_OK);
    ck_assert(entry.entry.seq == UINT64_MAX && entry.entry.time_ms == INT64_MIN);
    ck_assert_int_eq(entry.entry.reason, REASON_RULE);
    ck_assert_uint_eq(entry.entry.count, UINT32_MAX);

    wire_owner struct wire_message state = {0};
    secret_owner struct secret *fourth = encoded(&all[21]);
    ck_assert_int_eq(wire_decode(secret_read(fourth), secret_len(fourth), &state), STATUS_OK);
    const struct wire_state *here = &state.state;
    ck_assert_str_eq(here->version, all[21].state.version);
    ck_assert(here->started_s == INT64_MIN && here->now_s == INT64_MAX && here->users == UINT64_MAX);
    ck_assert(here->factors == 2 && here->future_marks == 3 && here->entries == 4);
    ck_assert(here->scan == WIRE_SCAN_BROKEN && here->rows_scanned == 5 && here->rows_expected == 6);
    ck_assert(here->bad_rows == 7 && here->disk_bytes == 8 && here->reserve_bytes == UINT64_MAX - 1);
    ck_assert(here->room_low == 1 && here->clock_offset_s == -9 && here->clock_users == UINT32_MAX);
    messages_wipe(all);
}
END_TEST

START_TEST(the_bytes_on_the_wire_are_these)
{
    struct wire_message show = {.type = WIRE_SHOW, .show = {"anne"}};
    secret_owner struct secret *packet = encoded(&show);
    ck_assert_uint_eq(secret_len(packet), 8);
    ck_assert_mem_eq(secret_read(packet),
                     "\x01\x15\x00\x04"
                     "anne",
                     8);

    struct wire_message result = {.type = WIRE_RESULT, .result = {WIRE_WRONG_CODE, REASON_REPLAYED, 0x0102, -2, 3}};
    secret_owner struct secret *second = encoded(&result);
    ck_assert_uint_eq(secret_len(second), 28);
    ck_assert_mem_eq(secret_read(second),
                     "\x01\x20\x04\x02\x00\x00\x00\x00\x00\x00\x01\x02\xff\xff\xff\xff\xff\xff\xff\xfe"
                     "\x00\x00\x00\x00\x00\x00\x00\x03",
                     28);

    struct wire_message prompt = {.type = WIRE_PROMPT, .prompt = {LANGUAGE_FR, 6, 1}};
    secret_owner struct secret *third = encoded(&prompt);
    ck_assert_uint_eq(secret_len(third), 8);
    ck_assert_mem_eq(secret_read(third), "\x01\x02\x02\x00\x00\x00\x06\x01", 8);
}
END_TEST

START_TEST(every_truncation_of_every_message_is_refused)
{
    struct wire_message all[MESSAGES];
    messages_make(all);
    for (size_t i = 0; i < MESSAGES; i++) {
        secret_owner struct secret *packet = encoded(&all[i]);
        for (size_t len = 0; len < secret_len(packet); len++) {
            struct wire_message out, untouched;
            memset(&out, 0x5a, sizeof out);
            memset(&untouched, 0x5a, sizeof untouched);
            ck_assert_int_eq(decode_exact(secret_read(packet), len, &out), STATUS_INVALID);
            ck_assert_mem_eq(&out, &untouched, sizeof out);
        }
    }
    messages_wipe(all);
}
END_TEST

START_TEST(a_trailing_byte_is_refused)
{
    struct wire_message all[MESSAGES];
    messages_make(all);
    for (size_t i = 0; i < MESSAGES; i++) {
        secret_owner struct secret *packet = encoded(&all[i]);
        uint8_t longer[WIRE_PACKET_MAX + 1] = {0};
        memcpy(longer, secret_read(packet), secret_len(packet));
        ck_assert_int_eq(decode_bytes((const char *)longer, secret_len(packet) + 1), STATUS_INVALID);
    }
    messages_wipe(all);
}
END_TEST

START_TEST(another_version_or_type_is_refused)
{
    ck_assert_int_eq(DECODE("\x01\x14"), STATUS_OK); /* LIST */
    ck_assert_int_eq(DECODE("\x00\x14"), STATUS_INVALID);
    ck_assert_int_eq(DECODE("\x02\x14"), STATUS_INVALID);
    ck_assert_int_eq(DECODE("\x01"), STATUS_INVALID);
    ck_assert_int_eq(DECODE(""), STATUS_INVALID);

    size_t bare = 0;
    for (int type = 0; type < 256; type++) {
        const char packet[2] = {1, (char)type};
        if (decode_bytes(packet, 2) == STATUS_OK)
            bare++;
    }
    ck_assert_uint_eq(bare, 2); /* LIST and AUDIT_VERIFY have no fields; no unknown type is taken */

    struct wire_message unknown = {.type = (enum wire_type)8};
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    ck_assert_int_eq(wire_encode(&unknown, packet), STATUS_INVALID);
}
END_TEST

START_TEST(a_packet_over_the_limit_is_refused)
{
    uint8_t packet[WIRE_PACKET_MAX + 1] = {WIRE_VERSION, WIRE_LIST};
    ck_assert_int_eq(decode_bytes((const char *)packet, sizeof packet), STATUS_INVALID);
}
END_TEST

START_TEST(a_text_with_a_zero_byte_is_refused)
{
    ck_assert_int_eq(DECODE("\x01\x15\x00\x04"
                            "anne"),
                     STATUS_OK);
    ck_assert_int_eq(DECODE("\x01\x15\x00\x04"
                            "an\0e"),
                     STATUS_INVALID);
    ck_assert_int_eq(DECODE("\x01\x15\x00\x01\x00"), STATUS_INVALID);
}
END_TEST

START_TEST(a_text_as_long_as_its_array_is_refused_both_ways)
{
    char packet[4 + USER_SIZE] = {WIRE_VERSION, WIRE_SHOW};
    memset(packet + 4, 'u', USER_SIZE);
    packet[3] = (char)(USER_SIZE - 1);
    ck_assert_int_eq(decode_bytes(packet, 4 + USER_SIZE - 1), STATUS_OK);
    packet[2] = 1;
    packet[3] = 0;
    ck_assert_int_eq(decode_bytes(packet, 4 + USER_SIZE), STATUS_INVALID);

    struct wire_message show = {.type = WIRE_SHOW};
    memset(show.show.user, 'u', USER_SIZE);
    secret_owner struct secret *out = secret_new(WIRE_PACKET_MAX);
    ck_assert_int_eq(wire_encode(&show, out), STATUS_INVALID);
    ck_assert_uint_eq(secret_len(out), WIRE_PACKET_MAX);
    ck_assert_uint_eq(secret_read(out)[0], 0);
}
END_TEST

START_TEST(an_enum_out_of_its_range_is_refused_by_the_decoder)
{
    ck_assert_int_eq(DECODE("\x01\x02\x02\x00\x00\x00\x06\x00"), STATUS_OK);
    ck_assert_int_eq(DECODE("\x01\x02\x00\x00\x00\x00\x06\x00"), STATUS_INVALID); /* language 0 */
    ck_assert_int_eq(DECODE("\x01\x02\x03\x00\x00\x00\x06\x00"), STATUS_INVALID);
    ck_assert_int_eq(DECODE("\x01\x06\x01"), STATUS_OK);
    ck_assert_int_eq(DECODE("\x01\x06\x00"), STATUS_OK);
    ck_assert_int_eq(DECODE("\x01\x06\x02"), STATUS_INVALID); /* a verdict is 0 or 1 */
    ck_assert_int_eq(DECODE("\x01\x06\xff"), STATUS_INVALID);
    ck_assert_int_eq(DECODE("\x01\x03\x00"), STATUS_INVALID); /* SKIP for no reason */
    ck_assert_int_eq(DECODE("\x01\x03\x03"), STATUS_INVALID);
    ck_assert_int_eq(DECODE("\x01\x04\x04"), STATUS_INVALID);
}
END_TEST

static enum status encode_status(const struct wire_message *message)
{
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    return wire_encode(message, packet);
}

START_TEST(what_the_protocol_cannot_carry_is_not_encoded)
{
    ck_assert_int_eq(encode_status(&(struct wire_message){.type = WIRE_VERDICT, .verdict = {(enum verdict)2}}),
                     STATUS_INVALID);
    ck_assert_int_eq(encode_status(&(struct wire_message){.type = WIRE_VERDICT, .verdict = {(enum verdict)256}}),
                     STATUS_INVALID);
    ck_assert_int_eq(encode_status(&(struct wire_message){.type = WIRE_SKIP}), STATUS_INVALID);
    ck_assert_int_eq(encode_status(&(struct wire_message){.type = WIRE_ANSWER}), STATUS_INVALID); /* no secret */
    ck_assert_int_eq(encode_status(&(struct wire_message){.type = WIRE_ORIGIN, .origin = {.usual = 2}}),
                     STATUS_INVALID);

    wire_owner struct wire_message answer = {.type = WIRE_ANSWER, .answer = {secret_new(WIRE_CODE_MAX + 1)}};
    ck_assert_int_eq(encode_status(&answer), STATUS_INVALID);

    secret_owner struct secret *small = secret_new(WIRE_PACKET_MAX - 1);
    ck_assert_int_eq(wire_encode(&(struct wire_message){.type = WIRE_LIST}, small), STATUS_INVALID);
}
END_TEST

START_TEST(a_code_over_the_limit_is_refused_by_the_decoder)
{
    char packet[4 + WIRE_CODE_MAX + 2] = {WIRE_VERSION, WIRE_ANSWER, WIRE_CODE_MAX >> 8, WIRE_CODE_MAX & 0xff};
    ck_assert_int_eq(decode_bytes(packet, 4 + WIRE_CODE_MAX + 1), STATUS_OK);
    packet[3]++;
    ck_assert_int_eq(decode_bytes(packet, 4 + WIRE_CODE_MAX + 2), STATUS_INVALID);
}
END_TEST

START_TEST(wipe_clears_everything_and_takes_a_zeroed_message)
{
    struct wire_message message = {.type = WIRE_ANSWER, .answer = {messages_secret(6)}};
    static const struct wire_message zero;
    wire_wipe(&message);
    ck_assert_mem_eq(&message, &zero, sizeof zero);
    wire_wipe(&message);
    ck_assert_mem_eq(&message, &zero, sizeof zero);
}
END_TEST

/* A small generator of our own: the same bytes on every machine. */
static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33);
}

/* Either rubbish with a good head, or a good message with a few bytes changed and perhaps cut or made longer. */
static size_t random_packet(uint64_t *state, struct secret *const good[MESSAGES], uint8_t *out)
{
    if (random_next(state) % 2 == 0) {
        size_t len = random_next(state) % 80;
        for (size_t i = 0; i < len; i++)
            out[i] = random_next(state) % 3 == 0 ? (uint8_t)random_next(state) : (uint8_t)(random_next(state) % 3);
        if (len > 1) {
            out[0] = WIRE_VERSION;
            out[1] = (uint8_t)(random_next(state) % 40);
        }
        return len;
    }
    const struct secret *from = good[random_next(state) % MESSAGES];
    size_t len = secret_len(from);
    memcpy(out, secret_read(from), len);
    for (uint32_t changes = random_next(state) % 4; changes > 0; changes--)
        out[random_next(state) % len] = (uint8_t)random_next(state);
    if (random_next(state) % 4 == 0)
        len = random_next(state) % (len + 1);
    return len;
}

START_TEST(random_packets_never_crash_and_what_is_taken_encodes_to_the_same_bytes)
{
    struct wire_message all[MESSAGES];
    struct secret *good[MESSAGES];
    messages_make(all);
    for (size_t i = 0; i < MESSAGES; i++)
        good[i] = encoded(&all[i]);

    uint64_t state = 20260101;
    unsigned taken = 0;
    for (unsigned round = 0; round < 100000; round++) {
        uint8_t bytes[WIRE_PACKET_MAX];
        size_t len = random_packet(&state, good, bytes);
        wire_owner struct wire_message message = {0};
        if (decode_exact(bytes, len, &message) != STATUS_OK)
            continue;
        taken++;
        secret_owner struct secret *again = encoded(&message);
        ck_assert_uint_eq(secret_len(again), len);
        ck_assert_mem_eq(secret_read(again), bytes, len);
    }
    ck_assert_uint_gt(taken, 10000); /* both ways are walked */
    ck_assert_uint_lt(taken, 90000);

    for (size_t i = 0; i < MESSAGES; i++)
        secret_free(good[i]);
    messages_wipe(all);
}
END_TEST

SUITE("wire codec", every_type_comes_back_as_it_was_with_extreme_values, the_members_come_back_and_not_only_the_packet,
      the_bytes_on_the_wire_are_these, every_truncation_of_every_message_is_refused, a_trailing_byte_is_refused,
      another_version_or_type_is_refused, a_packet_over_the_limit_is_refused, a_text_with_a_zero_byte_is_refused,
      a_text_as_long_as_its_array_is_refused_both_ways, an_enum_out_of_its_range_is_refused_by_the_decoder,
      what_the_protocol_cannot_carry_is_not_encoded, a_code_over_the_limit_is_refused_by_the_decoder,
      wipe_clears_everything_and_takes_a_zeroed_message,
      random_packets_never_crash_and_what_is_taken_encodes_to_the_same_bytes)
