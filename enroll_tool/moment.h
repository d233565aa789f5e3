/* Points in time: in local time for people, in UTC for programs, and what `--since` takes. */
#ifndef GARDE_TOOL_MOMENT_H
#define GARDE_TOOL_MOMENT_H

#include <stdint.h>

#include <garde/status.h>

#define MOMENT_SIZE 40 /* with the final zero */

/* Local time, "2026-11-24 09:30"; "-" for 0 (never), "?" for what no calendar holds. Returns out. */
const char *moment_show(int64_t s, char out[MOMENT_SIZE]);
/* The same with seconds. */
const char *moment_show_exact(int64_t s, char out[MOMENT_SIZE]);

/* The last moment before s: "2026-12-31" where the day ends there in local time, else as moment_show. */
const char *moment_show_end(int64_t s, char out[MOMENT_SIZE]);
/* How long, either way: "2 d 07 h", "3 h 00 min", "1 min 30 s"; all but the days as the units are written in every language. */
const char *moment_span(int64_t s, char out[MOMENT_SIZE]);

/* RFC 3339 in UTC: "2026-11-24T08:30:00Z", and "2026-11-24T08:30:00.250Z". NULL if no calendar holds it. */
const char *moment_utc(int64_t s, char out[MOMENT_SIZE]);
const char *moment_utc_ms(int64_t ms, char out[MOMENT_SIZE]);

/* A full-date (that day's start, local time) or date-time with offset of RFC 3339, or a duration back from now: 24h, 7d. */
/* When the day of now_s began here, in milliseconds. */
int64_t moment_day_ms(int64_t now_s);
enum status moment_parse_since(const char *text, int64_t now_s, int64_t *out_ms) GARDE_MUST_CHECK;

/* A full-date: when that day has ended, in local time. */
enum status moment_parse_day_end(const char *text, int64_t *out_s) GARDE_MUST_CHECK;

#endif
