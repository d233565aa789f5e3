/* One message of every type with extreme values, for the tests of the wire. */
#ifndef GARDE_TESTS_WIRE_MESSAGES_H
#define GARDE_TESTS_WIRE_MESSAGES_H

#include <string.h>

#include <garde/wire.h>

#define MESSAGES 28

#define FILL(array, byte) (memset((array), (byte), sizeof(array) - 1), (array)[sizeof(array) - 1] = '\0')

static inline struct secret *messages_secret(size_t len)
{
    struct secret *secret = secret_new(len);
    for (size_t i = 0; i < len; i++)
        secret_fill(secret)[i] = (uint8_t)(i * 7); /* with zero bytes */
    return secret;
}

static inline void messages_actor(struct wire_actor *actor)
{
    actor->login_uid = NO_UID;
    FILL(actor->sudo_user, 's');
}

static inline void messages_login(struct wire_message *all)
{
    struct wire_ask *ask = &all[0].ask;
    all[0].type = WIRE_ASK;
    FILL(ask->user, '\xff');
    FILL(ask->service, 'b');
    FILL(ask->rhost, 'c');
    FILL(ask->tty, 1);
    FILL(ask->ruser, 'e');
    all[1] = (struct wire_message){.type = WIRE_PROMPT, .prompt = {LANGUAGE_FR, UINT32_MAX, 1}};
    all[2] = (struct wire_message){.type = WIRE_SKIP, .skip = {WIRE_SKIP_UNENROLLED}};
    all[3] = (struct wire_message){.type = WIRE_REFUSE, .refuse = {WIRE_REFUSE_LOOKUP}};
    all[4] = (struct wire_message){.type = WIRE_ANSWER, .answer = {messages_secret(WIRE_CODE_MAX), 1}};
    all[5] = (struct wire_message){.type = WIRE_VERDICT, .verdict = {VERDICT_ACCEPTED}};
}

static inline void messages_requests(struct wire_message *all)
{
    all[0] = (struct wire_message){.type = WIRE_ENROL,
                                   .enrol = {.uid = 4000000000U,
                                             .kind = FACTOR_HOTP,
                                             .algorithm = ALGORITHM_SHA512,
                                             .digits = 8,
                                             .period_s = UINT32_MAX,
                                             .counter = UINT64_MAX,
                                             .pending_for_s = INT64_MIN,
                                             .not_before_s = 1,
                                             .not_after_s = -2,
                                             .replaces = INT64_MAX,
                                             .offset_steps = -3,
                                             .handed_out = 1,
                                             .anew = 0,
                                             .accept_weak = 1,
                                             .secret = messages_secret(FACTOR_SECRET_MAX)}};
    messages_actor(&all[0].enrol.actor);
    FILL(all[0].enrol.user, 'u');
    FILL(all[0].enrol.label, 'l');
    all[1] = (struct wire_message){.type = WIRE_CONFIRM,
                                   .confirm = {.factor_id = INT64_MAX, .code = messages_secret(WIRE_CODE_MAX)}};
    messages_actor(&all[1].confirm.actor);
    FILL(all[1].confirm.user, 'u');
    all[2] =
        (struct wire_message){.type = WIRE_CHANGE, .change = {.change = WIRE_CLEAR, .factor_id = INT64_MIN, .last = 1}};
    messages_actor(&all[2].change.actor);
    FILL(all[2].change.user, 'u');
    all[3] = (struct wire_message){.type = WIRE_TRY, .try = {.code = messages_secret(0)}};
    messages_actor(&all[3].try.actor);
    all[4] = (struct wire_message){.type = WIRE_LIST};
    all[5] = (struct wire_message){.type = WIRE_SHOW};
    FILL(all[5].show.user, 'u');
    all[6] = (struct wire_message){.type = WIRE_AUDIT, .audit = {.since_ms = -1}};
    all[7] = (struct wire_message){.type = WIRE_AUDIT_VERIFY};
}

static inline void messages_replies(struct wire_message *all)
{
    all[0] =
        (struct wire_message){.type = WIRE_RESULT, .result = {WIRE_SOUND, REASON_USED_UP, INT64_MIN, INT64_MAX, -1}};
    all[1] = (struct wire_message){.type = WIRE_FACTOR,
                                   .factor = {.id = INT64_MAX,
                                              .uid = NO_UID,
                                              .kind = FACTOR_TEMPORARY,
                                              .algorithm = ALGORITHM_SHA256,
                                              .digits = 7,
                                              .period_s = 120,
                                              .state = FACTOR_REVOKED,
                                              .created_s = 1,
                                              .pending_until_s = 2,
                                              .confirmed_s = 3,
                                              .not_before_s = -4,
                                              .not_after_s = INT64_MIN,
                                              .last_used_s = 6,
                                              .offset_steps = -7,
                                              .replaces = 8,
                                              .handed_out = 1,
                                              .weak = 1,
                                              .uses = UINT32_MAX,
                                              .left = 10,
                                              .tampered = 1}};
    FILL(all[1].factor.user, 'u');
    FILL(all[1].factor.label, 'l');
    all[2] = (struct wire_message){.type = WIRE_ORIGIN, .origin = {"", 1, UINT32_MAX, -1, INT64_MAX, INT64_MAX}};
    FILL(all[2].origin.name, 'o');
    all[3] = (struct wire_message){.type = WIRE_ENTRY,
                                   .entry = {.seq = UINT64_MAX,
                                             .time_ms = INT64_MIN,
                                             .event = EVENT_CLEARED,
                                             .verdict = VERDICT_ACCEPTED,
                                             .reason = REASON_RULE,
                                             .uid = NO_UID,
                                             .factor_id = -1,
                                             .count = UINT32_MAX}};
    FILL(all[3].entry.user, 'u');
    FILL(all[3].entry.service, 's');
    FILL(all[3].entry.origin, 'o');
    FILL(all[3].entry.actor, 'a');
    FILL(all[3].entry.note, 'n');
}

static inline void messages_status(struct wire_message *all)
{
    all[0] = (struct wire_message){.type = WIRE_STATUS, .status = {.today_ms = INT64_MIN}};
    all[1] = (struct wire_message){.type = WIRE_FUTURE_MARK,
                                   .future_mark = {.factor_id = INT64_MAX, .usable_from_s = INT64_MIN}};
    FILL(all[1].future_mark.user, 'u');
    FILL(all[1].future_mark.label, 'l');
    all[2] = (struct wire_message){.type = WIRE_BAD_ROW};
    FILL(all[2].bad_row.user, 'u');
    FILL(all[2].bad_row.what, 'w');
    all[3] = (struct wire_message){.type = WIRE_STATE,
                                   .state = {.started_s = INT64_MIN,
                                             .now_s = INT64_MAX,
                                             .users = UINT64_MAX,
                                             .factors = 2,
                                             .future_marks = 3,
                                             .entries = 4,
                                             .scan = WIRE_SCAN_BROKEN,
                                             .rows_scanned = 5,
                                             .rows_expected = 6,
                                             .bad_rows = 7,
                                             .disk_bytes = 8,
                                             .reserve_bytes = UINT64_MAX - 1,
                                             .room_low = 1,
                                             .clock_offset_s = -9,
                                             .clock_users = UINT32_MAX,
                                             .users_pending = 10,
                                             .users_locked = 11,
                                             .logins_today = 12,
                                             .refusals_today = UINT64_MAX}};
    FILL(all[3].state.version, 'v');
}

static inline void messages_desk(struct wire_message *all)
{
    all[0] = (struct wire_message){.type = WIRE_RESYNC,
                                   .resync = {.factor_id = INT64_MAX,
                                              .first = messages_secret(WIRE_CODE_MAX),
                                              .second = messages_secret(WIRE_CODE_MAX)}};
    messages_actor(&all[0].resync.actor);
    FILL(all[0].resync.user, 'u');
    all[1] = (struct wire_message){.type = WIRE_RECOVERY,
                                   .recovery = {.codes = messages_secret(RECOVERY_CODES * RECOVERY_CODE_LEN)}};
    messages_actor(&all[1].recovery.actor);
    FILL(all[1].recovery.user, 'u');
    all[2] = (struct wire_message){
        .type = WIRE_TEMPCODE,
        .tempcode = {.code = messages_secret(WIRE_CODE_MAX), .for_s = INT64_MIN, .uses = UINT32_MAX}};
    messages_actor(&all[2].tempcode.actor);
    FILL(all[2].tempcode.user, 'u');
    FILL(all[2].tempcode.why, 'w');
    all[3] = (struct wire_message){.type = WIRE_EXPORT};
    messages_actor(&all[3].export.actor);
    FILL(all[3].export.user, 'u');
    all[4] = (struct wire_message){.type = WIRE_SECRET,
                                   .secret = {.id = INT64_MAX,
                                              .uid = NO_UID,
                                              .kind = FACTOR_HOTP,
                                              .algorithm = ALGORITHM_SHA512,
                                              .digits = 8,
                                              .period_s = UINT32_MAX,
                                              .state = FACTOR_SUSPENDED,
                                              .counter = UINT64_MAX,
                                              .offset_steps = INT64_MIN,
                                              .not_before_s = -1,
                                              .not_after_s = INT64_MAX,
                                              .secret = messages_secret(FACTOR_SECRET_MAX)}};
    FILL(all[4].secret.user, 'u');
    FILL(all[4].secret.label, 'l');
    all[5] = (struct wire_message){.type = WIRE_LOOK};
    FILL(all[5].look.ask.user, 'u');
    FILL(all[5].look.ask.ruser, 'r');
}

/* The caller wipes each of them. */
static inline void messages_make(struct wire_message all[MESSAGES])
{
    memset(all, 0, MESSAGES * sizeof *all);
    messages_login(all);
    messages_requests(all + 6);
    messages_replies(all + 14);
    messages_status(all + 18);
    messages_desk(all + 22);
}

static inline void messages_wipe(struct wire_message all[MESSAGES])
{
    for (size_t i = 0; i < MESSAGES; i++)
        wire_wipe(&all[i]);
}

#endif
