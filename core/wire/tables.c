#include "tables.h"

#include <garde/wire.h>

#define AT(member) offsetof(struct wire_message, member)
#define ENUM(member, low, high)                                                                                        \
    {                                                                                                                  \
        WIRE_FIELD_ENUM, AT(member), (low), (high)                                                                     \
    }
#define FLAG(member)                                                                                                   \
    {                                                                                                                  \
        WIRE_FIELD_FLAG, AT(member), 0, 1                                                                              \
    }
#define U32(member)                                                                                                    \
    {                                                                                                                  \
        WIRE_FIELD_U32, AT(member), 0, 0                                                                               \
    }
#define U64(member)                                                                                                    \
    {                                                                                                                  \
        WIRE_FIELD_U64, AT(member), 0, 0                                                                               \
    }
#define I64(member)                                                                                                    \
    {                                                                                                                  \
        WIRE_FIELD_I64, AT(member), 0, 0                                                                               \
    }
#define TEXT(member)                                                                                                   \
    {                                                                                                                  \
        WIRE_FIELD_TEXT, AT(member), 0, sizeof(((struct wire_message *)0)->member)                                     \
    }
#define BYTES(member, most)                                                                                            \
    {                                                                                                                  \
        WIRE_FIELD_BYTES, AT(member), 0, (most)                                                                        \
    }
#define ACTOR(message) U32(message.actor.login_uid), TEXT(message.actor.sudo_user)

#define KIND(member)      ENUM(member, FACTOR_TOTP, FACTOR_TEMPORARY)
#define ALGORITHM(member) ENUM(member, ALGORITHM_SHA1, ALGORITHM_SHA512)
#define VERDICT(member)   ENUM(member, VERDICT_REFUSED, VERDICT_ACCEPTED)
#define REASON(member)    ENUM(member, REASON_NONE, REASON_USED_UP)

static const struct wire_field ask[] = {TEXT(ask.user), TEXT(ask.service), TEXT(ask.rhost), TEXT(ask.tty),
                                        TEXT(ask.ruser)};
static const struct wire_field look[] = {TEXT(look.ask.user), TEXT(look.ask.service), TEXT(look.ask.rhost),
                                         TEXT(look.ask.tty), TEXT(look.ask.ruser)};
static const struct wire_field prompt[] = {ENUM(prompt.language, LANGUAGE_EN, LANGUAGE_FR), U32(prompt.digits),
                                           FLAG(prompt.may_be_empty)};
static const struct wire_field skip[] = {ENUM(skip.why, WIRE_SKIP_UNENROLLED, WIRE_SKIP_PENDING)};
static const struct wire_field refuse[] = {ENUM(refuse.why, WIRE_REFUSE_DENIED, WIRE_REFUSE_LOOKUP)};
static const struct wire_field answer[] = {BYTES(answer.code, WIRE_CODE_MAX), FLAG(answer.at_once)};
static const struct wire_field verdict[] = {VERDICT(verdict.verdict)};

static const struct wire_field enrol[] = {
    ACTOR(enrol),
    TEXT(enrol.user),
    U32(enrol.uid),
    TEXT(enrol.label),
    KIND(enrol.kind),
    ALGORITHM(enrol.algorithm),
    U32(enrol.digits),
    U32(enrol.period_s),
    U64(enrol.counter),
    I64(enrol.pending_for_s),
    I64(enrol.not_before_s),
    I64(enrol.not_after_s),
    I64(enrol.replaces),
    I64(enrol.offset_steps),
    FLAG(enrol.handed_out),
    FLAG(enrol.anew),
    FLAG(enrol.accept_weak),
    BYTES(enrol.secret, FACTOR_SECRET_MAX),
};
static const struct wire_field confirm[] = {ACTOR(confirm), TEXT(confirm.user), I64(confirm.factor_id),
                                            BYTES(confirm.code, WIRE_CODE_MAX)};
static const struct wire_field change[] = {ACTOR(change), ENUM(change.change, WIRE_SUSPEND, WIRE_CLEAR),
                                           TEXT(change.user), I64(change.factor_id), FLAG(change.last)};
static const struct wire_field try[] = {ACTOR(try), TEXT(try.user), BYTES(try.code, WIRE_CODE_MAX)};
static const struct wire_field resync[] = {ACTOR(resync), TEXT(resync.user), I64(resync.factor_id),
                                           BYTES(resync.first, WIRE_CODE_MAX), BYTES(resync.second, WIRE_CODE_MAX)};
static const struct wire_field recovery[] = {ACTOR(recovery), TEXT(recovery.user),
                                             BYTES(recovery.codes, RECOVERY_CODES *RECOVERY_CODE_LEN)};
static const struct wire_field tempcode[] = {
    ACTOR(tempcode),     TEXT(tempcode.user), BYTES(tempcode.code, WIRE_CODE_MAX),
    I64(tempcode.for_s), U32(tempcode.uses),  TEXT(tempcode.why)};
static const struct wire_field export[] = {ACTOR(export), TEXT(export.user)};
static const struct wire_field status[] = {I64(status.today_ms)};
static const struct wire_field show[] = {TEXT(show.user)};
static const struct wire_field audit[] = {TEXT(audit.user), I64(audit.since_ms)};

static const struct wire_field result[] = {ENUM(result.code, WIRE_OK, WIRE_SOUND), REASON(result.reason),
                                           I64(result.number), I64(result.until_s), I64(result.offset_steps)};
static const struct wire_field factor[] = {
    I64(factor.id),
    TEXT(factor.user),
    U32(factor.uid),
    TEXT(factor.label),
    KIND(factor.kind),
    ALGORITHM(factor.algorithm),
    U32(factor.digits),
    U32(factor.period_s),
    ENUM(factor.state, FACTOR_PENDING, FACTOR_REVOKED),
    I64(factor.created_s),
    I64(factor.pending_until_s),
    I64(factor.confirmed_s),
    I64(factor.not_before_s),
    I64(factor.not_after_s),
    I64(factor.last_used_s),
    I64(factor.offset_steps),
    I64(factor.replaces),
    FLAG(factor.handed_out),
    FLAG(factor.weak),
    U32(factor.uses),
    U32(factor.left),
    FLAG(factor.tampered),
};
static const struct wire_field origin[] = {TEXT(origin.name),          FLAG(origin.usual),
                                           U32(origin.failures),       I64(origin.last_failure_s),
                                           I64(origin.last_success_s), I64(origin.refused_until_s)};
static const struct wire_field entry[] = {
    U64(entry.seq),         I64(entry.time_ms),   ENUM(entry.event, EVENT_STORE_MADE, EVENT_CLEARED),
    VERDICT(entry.verdict), REASON(entry.reason), TEXT(entry.user),
    U32(entry.uid),         I64(entry.factor_id), TEXT(entry.service),
    TEXT(entry.origin),     TEXT(entry.actor),    TEXT(entry.note),
    U32(entry.count),
};

static const struct wire_field future_mark[] = {TEXT(future_mark.user), I64(future_mark.factor_id),
                                                TEXT(future_mark.label), I64(future_mark.usable_from_s)};
static const struct wire_field bad_row[] = {TEXT(bad_row.user), TEXT(bad_row.what)};
static const struct wire_field state[] = {
    TEXT(state.version),       I64(state.started_s),
    I64(state.now_s),          U64(state.users),
    U64(state.factors),        U64(state.future_marks),
    U64(state.entries),        ENUM(state.scan, WIRE_SCAN_RUNNING, WIRE_SCAN_BROKEN),
    U64(state.rows_scanned),   U64(state.rows_expected),
    U64(state.bad_rows),       U64(state.disk_bytes),
    U64(state.reserve_bytes),  FLAG(state.room_low),
    I64(state.clock_offset_s), U32(state.clock_users),
    U64(state.users_pending),  U64(state.users_locked),
    U64(state.logins_today),   U64(state.refusals_today),
};
static const struct wire_field secret[] = {I64(secret.id),
                                           TEXT(secret.user),
                                           U32(secret.uid),
                                           TEXT(secret.label),
                                           ENUM(secret.kind, FACTOR_TOTP, FACTOR_HOTP),
                                           ALGORITHM(secret.algorithm),
                                           U32(secret.digits),
                                           U32(secret.period_s),
                                           ENUM(secret.state, FACTOR_PENDING, FACTOR_SUSPENDED),
                                           U64(secret.counter),
                                           I64(secret.offset_steps),
                                           I64(secret.not_before_s),
                                           I64(secret.not_after_s),
                                           BYTES(secret.secret, FACTOR_SECRET_MAX)};

#define TABLE(type, fields)                                                                                            \
    {                                                                                                                  \
        (type), sizeof(fields) / sizeof(fields)[0], (fields)                                                           \
    }

static const struct wire_table tables[] = {
    TABLE(WIRE_ASK, ask),           TABLE(WIRE_PROMPT, prompt),
    TABLE(WIRE_SKIP, skip),         TABLE(WIRE_REFUSE, refuse),
    TABLE(WIRE_ANSWER, answer),     TABLE(WIRE_VERDICT, verdict),
    TABLE(WIRE_ENROL, enrol),       TABLE(WIRE_CONFIRM, confirm),
    TABLE(WIRE_CHANGE, change),     TABLE(WIRE_TRY, try),
    {WIRE_LIST, 0, NULL},           TABLE(WIRE_SHOW, show),
    TABLE(WIRE_AUDIT, audit),       {WIRE_AUDIT_VERIFY, 0, NULL},
    TABLE(WIRE_RESULT, result),     TABLE(WIRE_FACTOR, factor),
    TABLE(WIRE_ORIGIN, origin),     TABLE(WIRE_ENTRY, entry),
    TABLE(WIRE_STATUS, status),     TABLE(WIRE_FUTURE_MARK, future_mark),
    TABLE(WIRE_BAD_ROW, bad_row),   TABLE(WIRE_STATE, state),
    TABLE(WIRE_RESYNC, resync),     TABLE(WIRE_RECOVERY, recovery),
    TABLE(WIRE_TEMPCODE, tempcode), TABLE(WIRE_EXPORT, export),
    TABLE(WIRE_SECRET, secret),     TABLE(WIRE_LOOK, look),
};

const struct wire_table *wire_table_find(unsigned type)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (tables[i].type == type)
            return &tables[i];
    return NULL;
}
