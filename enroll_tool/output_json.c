#include "output_json.h"

#include <jansson.h>
#include <stdio.h>

#include "doctor/finding.h"
#include "formats/incoming.h"
#include "moment.h"
#include "standing.h"
#include "status_page.h"
#include "text.h"
#include "words.h"

/* ASCII only: JSON is read on terminals, too, and jansson would pass C1 controls and direction marks on as they are. */
#define FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII)

static json_t *text_value(const char *text)
{
    char clean[TEXT_SHOWN_SIZE(1024)]; /* the longest is a file's name, cut */
    return json_string(text_utf8(clean, sizeof clean, text));
}

static json_t *moment_value(int64_t s)
{
    char text[MOMENT_SIZE];
    return s == 0 || moment_utc(s, text) == NULL ? json_null() : json_string(text);
}

static json_t *moment_ms_value(int64_t ms)
{
    char text[MOMENT_SIZE];
    return moment_utc_ms(ms, text) == NULL ? json_null() : json_string(text);
}

static json_t *count_value(uint64_t count)
{
    return json_integer(count < INT64_MAX ? (json_int_t)count : INT64_MAX);
}

static json_t *uid_value(uint32_t uid)
{
    return uid == NO_UID ? json_null() : json_integer((json_int_t)uid);
}

/* Takes the value over; a NULL one (no memory) fails the output. */
static void put(struct output_json *json, json_t *row, const char *key, json_t *value)
{
    if (json_object_set_new(row, key, value) != 0)
        json->failed = true;
}

static void write_value(struct output_json *json, json_t *value)
{
    if (value == NULL || json_dumpf(value, stdout, FLAGS) != 0)
        json->failed = true;
    json_decref(value);
}

/* One row of the array at hand, on a line of its own. */
static void write_row(struct output_json *json, json_t *row)
{
    fputs(json->rows++ == 0 ? "\n" : ",\n", stdout);
    write_value(json, row);
}

static bool is_counted(const struct wire_factor *factor)
{
    return factor->kind == FACTOR_RECOVERY || (factor->kind == FACTOR_TEMPORARY && factor->uses != 0);
}

static json_t *factor_value(struct output_json *json, const struct wire_factor *factor)
{
    json_t *row = json_object();

    put(json, row, "id", json_integer((json_int_t)factor->id));
    put(json, row, "user", text_value(factor->user));
    put(json, row, "uid", uid_value(factor->uid));
    put(json, row, "label", text_value(factor->label));
    put(json, row, "type", json_string(words_kind_name(factor->kind)));
    put(json, row, "algorithm", json_string(words_algorithm_name(factor->algorithm)));
    put(json, row, "digits", json_integer((json_int_t)factor->digits));
    put(json, row, "period", factor->kind == FACTOR_TOTP ? json_integer((json_int_t)factor->period_s) : json_null());
    put(json, row, "state", json_string(words_state_name(factor->state)));
    put(json, row, "created", moment_value(factor->created_s));
    put(json, row, "pending_until", moment_value(factor->pending_until_s));
    put(json, row, "confirmed", moment_value(factor->confirmed_s));
    put(json, row, "not_before", moment_value(factor->not_before_s));
    put(json, row, "not_after", moment_value(factor->not_after_s));
    put(json, row, "last_used", moment_value(factor->last_used_s));
    put(json, row, "offset",
        factor->kind == FACTOR_TOTP ? json_integer((json_int_t)standing_clock_s(factor)) : json_null());
    put(json, row, "replaces", factor->replaces == 0 ? json_null() : json_integer((json_int_t)factor->replaces));
    put(json, row, "handed_out", json_boolean(factor->handed_out != 0));
    put(json, row, "weak", json_boolean(factor->weak != 0));
    put(json, row, "uses", factor->uses == 0 ? json_null() : json_integer((json_int_t)factor->uses));
    put(json, row, "left", is_counted(factor) ? json_integer((json_int_t)factor->left) : json_null());
    put(json, row, "tampered", json_boolean(factor->tampered != 0));
    return row;
}

void output_json_factor(struct output_json *json, const struct wire_factor *factor)
{
    if (json->rows == 0)
        fputs("[", stdout);
    write_row(json, factor_value(json, factor));
}

void output_json_entry(struct output_json *json, const struct wire_entry *entry)
{
    json_t *row = json_object();

    put(json, row, "seq", json_integer((json_int_t)entry->seq));
    put(json, row, "time", moment_ms_value(entry->time_ms));
    put(json, row, "event", json_string(words_event_name(entry->event)));
    put(json, row, "verdict", json_string(entry->verdict == VERDICT_ACCEPTED ? "accepted" : "refused"));
    put(json, row, "reason", json_string(words_reason_name(entry->reason)));
    put(json, row, "user", text_value(entry->user));
    put(json, row, "uid", uid_value(entry->uid));
    put(json, row, "factor", entry->factor_id == 0 ? json_null() : json_integer((json_int_t)entry->factor_id));
    put(json, row, "service", text_value(entry->service));
    put(json, row, "origin", text_value(entry->origin));
    put(json, row, "actor", text_value(entry->actor));
    put(json, row, "note", text_value(entry->note));
    put(json, row, "count", json_integer((json_int_t)entry->count));
    if (json->rows == 0)
        fputs("[", stdout);
    write_row(json, row);
}

static json_t *name_value(const char *text)
{
    return text[0] == '\0' ? json_null() : text_value(text);
}

static void put_device(struct output_json *json, json_t *row, const struct incoming *entry)
{
    bool is_totp = entry->kind == FACTOR_TOTP;

    put(json, row, "type", json_string(words_kind_name(entry->kind)));
    put(json, row, "algorithm", json_string(words_algorithm_name(entry->algorithm)));
    put(json, row, "digits", json_integer((json_int_t)entry->digits));
    put(json, row, "period", is_totp ? json_integer((json_int_t)entry->period_s) : json_null());
    put(json, row, "counter", json_integer((json_int_t)entry->counter));
    put(json, row, "offset_steps", json_integer((json_int_t)entry->offset_steps));
    put(json, row, "not_before", moment_value(entry->not_before_s));
    put(json, row, "not_after", moment_value(entry->not_after_s));
    put(json, row, "weak", json_boolean(secret_len(entry->secret) < FACTOR_SECRET_MIN));
}

void output_json_import(struct output_json *json, const struct incoming *entry, const char *outcome, int64_t factor_id,
                        int64_t until_s)
{
    json_t *row = json_object();
    bool good = entry->fault == INCOMING_GOOD;

    put(json, row, "file", name_value(entry->path == NULL ? "" : entry->path));
    put(json, row, "line", entry->line == 0 ? json_null() : json_integer((json_int_t)entry->line));
    put(json, row, "item", entry->item == 0 ? json_null() : json_integer((json_int_t)entry->item));
    put(json, row, "outcome", json_string(outcome));
    put(json, row, "reason", good ? json_null() : json_string(incoming_fault_name(entry->fault)));
    put(json, row, "user", name_value(entry->user));
    put(json, row, "label", name_value(entry->label));
    put(json, row, "factor", factor_id == 0 ? json_null() : json_integer((json_int_t)factor_id));
    put(json, row, "pending_until", moment_value(until_s));
    if (good && entry->secret != NULL)
        put_device(json, row, entry);
    if (json->rows == 0)
        fputs("[", stdout);
    write_row(json, row);
}

void output_json_end_array(struct output_json *json)
{
    fputs(json->rows == 0 ? "[]\n" : "\n]\n", stdout);
}

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : text_value(text);
}

void output_json_bulk(struct output_json *json, unsigned long line, const char *user, const char *outcome,
                      const char *file, const char *why, const struct wire_result *result)
{
    json_t *row = json_object();

    put(json, row, "line", count_value(line));
    put(json, row, "user", text_or_null(user));
    put(json, row, "outcome", json_string(outcome));
    put(json, row, "sheet", text_or_null(file));
    put(json, row, "factor", result == NULL ? json_null() : json_integer((json_int_t)result->number));
    put(json, row, "pending_until", moment_value(result == NULL ? 0 : result->until_s));
    put(json, row, "why", text_or_null(why));
    if (json->rows == 0)
        fputs("[", stdout);
    write_row(json, row);
}

void output_json_begin_user(struct output_json *json, const char *user)
{
    fputs("{\"user\":", stdout);
    write_value(json, text_value(user));
    fputs(",\"factors\":[", stdout);
    json->rows = 0;
}

void output_json_user_factor(struct output_json *json, const struct wire_factor *factor)
{
    write_row(json, factor_value(json, factor));
}

void output_json_begin_origins(struct output_json *json)
{
    fputs("],\"origins\":[", stdout);
    json->rows = 0;
}

void output_json_origin(struct output_json *json, const struct wire_origin *origin)
{
    json_t *row = json_object();
    bool for_ever = origin->refused_until_s == INT64_MAX;

    put(json, row, "origin", text_value(origin->name));
    put(json, row, "usual", json_boolean(origin->usual != 0));
    put(json, row, "failures", json_integer((json_int_t)origin->failures));
    put(json, row, "last_failure", moment_value(origin->last_failure_s));
    put(json, row, "last_success", moment_value(origin->last_success_s));
    put(json, row, "refused_until", for_ever ? json_null() : moment_value(origin->refused_until_s));
    put(json, row, "refused_until_unlock", json_boolean(for_ever));
    write_row(json, row);
}

void output_json_end_user(void)
{
    fputs("]}\n", stdout);
}

static void begin_code(struct output_json *json, const char *user, int64_t factor_id)
{
    fputs("{\"user\":", stdout);
    write_value(json, text_value(user));
    fputs(",\"factor\":", stdout);
    write_value(json, json_integer((json_int_t)factor_id));
}

void output_json_begin_codes(struct output_json *json, const char *user, int64_t factor_id)
{
    begin_code(json, user, factor_id);
    fputs(",\"codes\":[", stdout);
}

void output_json_begin_help_code(struct output_json *json, const char *user, const struct wire_result *result,
                                 uint32_t uses)
{
    begin_code(json, user, result->number);
    fputs(",\"until\":", stdout);
    write_value(json, moment_value(result->until_s));
    fputs(",\"uses\":", stdout);
    write_value(json, uses == 0 ? json_null() : json_integer((json_int_t)uses));
    fputs(",\"code\":", stdout);
}

void output_json_checked(struct output_json *json, const struct wire_result *result)
{
    json_t *row = json_object();
    json_t *number = json_integer((json_int_t)result->number);

    put(json, row, "whole", json_boolean(result->code == WIRE_OK));
    if (result->code == WIRE_OK)
        put(json, row, "entries", number);
    else if (result->code == WIRE_BROKEN_ENTRY)
        put(json, row, "first_broken", number);
    else
        put(json, row, "cut_after", number);
    write_value(json, row);
    fputs("\n", stdout);
}

void output_json_begin_people(void)
{
    fputs("{\"people\":[", stdout);
}

void output_json_person(struct output_json *json, const struct coverage_person *person)
{
    json_t *row = json_object();
    bool skipped = person->skips > 0;

    put(json, row, "user", text_value(person->user));
    put(json, row, "uid", uid_value(person->uid));
    put(json, row, "login_shell", json_boolean(person->shell));
    put(json, row, "state", json_string(coverage_state_name(person->state)));
    put(json, row, "without_code", count_value(person->skips));
    put(json, row, "last_without_code", skipped ? moment_ms_value(person->last_skip_ms) : json_null());
    put(json, row, "last_service", skipped ? text_value(person->last_service) : json_null());
    write_row(json, row);
}

void output_json_end_people(struct output_json *json, const struct coverage_report *report)
{
    const struct coverage_summary *sum = &report->sum;
    json_t *row = json_object();

    put(json, row, "since", moment_ms_value(report->since_ms));
    put(json, row, "login_shells", count_value(sum->shells));
    put(json, row, "without_factor", count_value(sum->uncovered));
    put(json, row, "let_in_without_code", count_value(sum->skippers));
    put(json, row, "logins_without_code", count_value(sum->skips));
    put(json, row, "everybody_listed", json_boolean(report->unlisted == NULL));
    fputs("],\"summary\":", stdout);
    write_value(json, row);
    fputs("}\n", stdout);
}

void output_json_begin_status(struct output_json *json)
{
    fputs("{\"future_marks\":[", stdout);
    json->rows = 0;
}

void output_json_mark(struct output_json *json, const struct wire_future_mark *mark)
{
    json_t *row = json_object();

    put(json, row, "user", text_value(mark->user));
    put(json, row, "factor", json_integer((json_int_t)mark->factor_id));
    put(json, row, "label", text_value(mark->label));
    put(json, row, "refused_until", moment_value(mark->usable_from_s));
    write_row(json, row);
}

void output_json_begin_bad_rows(struct output_json *json)
{
    fputs("],\"bad_rows\":[", stdout);
    json->rows = 0;
}

void output_json_bad_row(struct output_json *json, const struct wire_bad_row *bad_row)
{
    json_t *row = json_object();

    put(json, row, "user", text_value(bad_row->user));
    put(json, row, "row", text_value(bad_row->what));
    write_row(json, row);
}

static json_t *attention_value(struct output_json *json, unsigned attention)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < ATTENTIONS; i++)
        if ((attention >> i & 1) != 0 && json_array_append_new(names, json_string(status_attention_name(i))) != 0)
            json->failed = true;
    return names;
}

void output_json_end_status(struct output_json *json, const struct wire_state *state, unsigned attention)
{
    static const char *const scans[] = {"?", "running", "passed", "broken"};
    json_t *row = json_object();
    bool seen = state->disk_bytes != 0 || state->reserve_bytes != 0 || state->room_low != 0;

    put(json, row, "version", text_value(state->version));
    put(json, row, "started", moment_value(state->started_s));
    put(json, row, "now", moment_value(state->now_s));
    put(json, row, "users", count_value(state->users));
    put(json, row, "users_pending", count_value(state->users_pending));
    put(json, row, "users_locked", count_value(state->users_locked));
    put(json, row, "logins_today", count_value(state->logins_today));
    put(json, row, "refusals_today", count_value(state->refusals_today));
    put(json, row, "factors", count_value(state->factors));
    put(json, row, "future_marks", count_value(state->future_marks));
    put(json, row, "entries", count_value(state->entries));
    put(json, row, "scan", json_string(scans[(unsigned)state->scan < 4 ? state->scan : 0]));
    put(json, row, "rows_scanned", count_value(state->rows_scanned));
    put(json, row, "rows_expected", count_value(state->rows_expected));
    put(json, row, "bad_rows", count_value(state->bad_rows));
    put(json, row, "disk_bytes", seen ? count_value(state->disk_bytes) : json_null());
    put(json, row, "reserve_bytes", seen ? count_value(state->reserve_bytes) : json_null());
    put(json, row, "room_low", json_boolean(state->room_low != 0));
    put(json, row, "clock_offset", json_integer((json_int_t)state->clock_offset_s));
    put(json, row, "clock_users", count_value(state->clock_users));
    put(json, row, "attention", attention_value(json, attention));
    fputs("],\"state\":", stdout);
    write_value(json, row);
    fputs("}\n", stdout);
}

/* In a locale that is not UTF-8, translated texts are none. */
static json_t *words_value(const char *text)
{
    char clean[TEXT_SHOWN_SIZE(FINDING_TEXT_SIZE)];
    return json_string(text_utf8(clean, sizeof clean, text));
}

static json_t *finding_value(struct output_json *json, const struct finding *finding)
{
    json_t *row = json_object();

    put(json, row, "level", json_string(finding_level_name(finding->level)));
    put(json, row, "check", json_string(finding_subject_name(finding->subject)));
    put(json, row, "id", json_string(finding->id));
    put(json, row, "place", words_value(finding->place));
    put(json, row, "effect",
        finding->effect == EFFECT_NONE ? json_null() : json_string(finding_effect_name(finding->effect)));
    put(json, row, "what", words_value(finding->what));
    put(json, row, "mend", finding->mend[0] == '\0' ? json_null() : words_value(finding->mend));
    return row;
}

void output_json_findings(struct output_json *json, const struct findings *findings)
{
    fputs("{\"findings\":[", stdout);
    json->rows = 0;
    json->failed = json->failed || findings->lost;
    for (size_t i = 0; i < findings->count; i++)
        write_row(json, finding_value(json, &findings->all[i]));
    fputs("],\"worst\":", stdout);
    write_value(json, json_string(finding_level_name(findings_worst(findings))));
    fputs("}\n", stdout);
}
